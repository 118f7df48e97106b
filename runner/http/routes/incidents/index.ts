import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { answerRoutes } from './answer.ts';
import { readRoutes } from './read.ts';

/** Incidents: to look them up, and to acknowledge, resolve and escalate them. */
export function incidentRoutes(app: App, api: ApiWith<'incidents'>): void {
	readRoutes(app, api);
	answerRoutes(app, api);
}
