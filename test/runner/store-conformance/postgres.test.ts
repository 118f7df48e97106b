import './every-noun.ts';
import { conformanceOf } from './bed.ts';

// Days of virtual time are many round trips, and the machine may have others to serve.
jest.setTimeout(120_000);
conformanceOf('PostgreSQL');
