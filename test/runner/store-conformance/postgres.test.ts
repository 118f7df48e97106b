import { conformanceOf } from './bed.ts';
import './batches.ts';
import './endpoints.ts';
import './feed.ts';
import './reports.ts';
import './sends.ts';

conformanceOf('PostgreSQL');
