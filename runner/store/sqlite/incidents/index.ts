import type { Incidents } from '../../contract/incidents.ts';
import { orBroken } from '../../rows/broken-row.ts';
import { noteProgress } from '../leases.ts';
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
	const { sql, commits, reader } = scope;
	return {
		open: (opening) => commits.run(() => open(scope, opening)),
		due: async (now, limit) => dueIncidents(sql, now, limit),
		nextAt: async (time) => nextIncidentAt(sql, time),
		change: (id, step, progress) =>
			commits.run(() => {
				const transition = change(scope, id, step);
				if (progress) noteProgress(sql, progress, scope.now());
				return transition;
			}),
		get: async (id) => orBroken(() => readIncident(sql, id)?.incident),
		list: (filter, page) => listIncidents(reader, filter, page),
		withKey: async (dedupKey, owner) => idsWithKey(sql, dedupKey, owner),
		ofNotification: async (notificationId) => incidentOf(sql, notificationId),
	};
}
