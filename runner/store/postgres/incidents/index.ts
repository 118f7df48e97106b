import type { Incidents } from '../../contract/incidents.ts';
import type { Scope } from '../scope.ts';
import { change } from './change.ts';
import { open } from './open.ts';
import {
	dueIncidents,
	idsWithKey,
	incidentOf,
	listIncidents,
	nextIncidentAt,
	readIncident,
} from './rows.ts';

export function createIncidents(scope: Scope): Incidents {
	const { database, signals } = scope;
	return {
		async open(opening) {
			const result = await open(scope, opening);
			signals.wakeOthers();
			return result;
		},
		due: (now, limit) => dueIncidents(database, now, limit),
		nextAt: (time) => nextIncidentAt(database, time),
		async change(id, step, progress) {
			const transition = await change(scope, id, step, progress);
			signals.wakeOthers();
			return transition;
		},
		get: (id) => readIncident(database, id),
		list: (filter, page) => listIncidents(database, filter, page),
		withKey: (dedupKey, owner) => idsWithKey(database, dedupKey, owner),
		ofNotification: (notificationId) => incidentOf(database, notificationId),
	};
}
