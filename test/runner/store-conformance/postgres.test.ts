import { conformanceOf } from './bed.ts';
import './about.ts';
import './backlog.ts';
import './batches.ts';
import './connection-limits.ts';
import './dead-letters.ts';
import './endpoint-health.ts';
import './endpoints.ts';
import './fair-webhooks.ts';
import './feed.ts';
import './reports.ts';
import './retention.ts';
import './sends.ts';
import './webhook-schedule.ts';

// Days of virtual time are many round trips, and the machine may have others to serve.
jest.setTimeout(120_000);
conformanceOf('PostgreSQL');
