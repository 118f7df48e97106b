import './every-noun.ts';
import { conformanceOf } from './bed.ts';

conformanceOf('SQLite');
