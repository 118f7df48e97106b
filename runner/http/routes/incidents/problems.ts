import { type Incident, isoTime } from '@sureping/engine';
import { Problem } from '../../problem.ts';

export const noIncident = (): Problem => new Problem(404, 'There is no incident with this id');

/** A 409 for an answer to an incident that was resolved or cancelled. */
export function incidentOver({ id, status, endedAt }: Incident): Problem {
	const since = endedAt === undefined ? '' : ` since ${isoTime(endedAt)}`;
	const detail = `This incident is ${status}${since}: nothing about it can change any more`;
	return new Problem(409, detail, [], { incident: { id, status } });
}
