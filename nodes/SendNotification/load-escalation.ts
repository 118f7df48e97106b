import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import {
	contactsSchema,
	incidentListSchema,
	onCallsSchema,
	policiesSchema,
} from '../runner/runner-answers.ts';
import { getChannels } from './load-channels.ts';
import { listFrom } from './load-list.ts';

/** Entries that a drop-down shows at most. */
const MOST = 1000;

/** The runner's policies. */
export async function getPolicies(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const ask = await listFrom(this, 'list its policies', 'read');
	const { policies } = policiesSchema.parse(await ask(`/policies?limit=${MOST}`));
	return policies.map(({ name }) => ({ name, value: name }));
}

/** Everybody whom a step can page: on-calls, contacts and channels. */
export async function getParties(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const ask = await listFrom(this, 'list its contacts', 'read');
	const [called, known, channels] = await Promise.all([
		ask(`/on-call?limit=${MOST}`),
		ask(`/contacts?limit=${MOST}`),
		getChannels.call(this),
	]);
	return [
		...onCallsSchema.parse(called).on_call.map(({ name }) => {
			return { name: `On Call: ${name}`, value: `on_call:${name}` };
		}),
		...contactsSchema.parse(known).contacts.map(({ id, name }) => {
			return { name: `Contact: ${name}`, value: `contact:${id}` };
		}),
		...channels.map(({ name, value }) => ({ name: `Channel: ${name}`, value })),
	];
}

/** Incidents that wait for an answer, the newest first. */
export async function getIncidents(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const ask = await listFrom(this, 'list its incidents', 'read');
	const found = await Promise.all(
		['open', 'exhausted', 'acknowledged'].map(async (status) =>
			incidentListSchema.parse(await ask(`/incidents?limit=100&status=${status}`)),
		),
	);
	return found
		.flatMap(({ incidents }) => incidents)
		.map(({ id, status, subject, message, dedup_key: key }) => ({
			name: `${subject ?? message}${key === undefined ? '' : ` (${key})`}`,
			value: id,
			description: status,
		}));
}
