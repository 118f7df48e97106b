import { conformanceOf } from './bed.ts';
import './batches.ts';
import './reports.ts';

conformanceOf('PostgreSQL');
