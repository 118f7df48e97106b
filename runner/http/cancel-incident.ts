import { cancelIncident, unchangedIncident } from '@sureping/engine';
import { tellTransition } from '../tell-transition.ts';
import type { ApiWith } from './api.ts';

/**
 * Calls off the incident that a send with this notification opened; false where the notification is no incident's first page,
 * or the incident is over.
 */
export async function cancelIncidentOf(
	notificationId: string,
	{
		store,
		clock,
		log,
		metrics,
		incidentPorts,
	}: Pick<ApiWith<'incidents'>, 'store' | 'clock' | 'log' | 'metrics' | 'incidentPorts'>,
): Promise<boolean> {
	const id = await store.incidents.ofNotification(notificationId);
	if (id === undefined) return false;
	const ports = await incidentPorts();
	const now = clock.now();
	let isCalledOff = false;
	const done = await store.incidents.change(id, (incident, facts) => {
		if (incident.notificationId !== notificationId) return unchangedIncident(incident);
		const after = cancelIncident(incident, facts, { via: 'api' }, now, ports);
		isCalledOff = after !== undefined;
		return after ?? unchangedIncident(incident);
	});
	if (done) tellTransition(done, { log, metrics });
	return isCalledOff;
}
