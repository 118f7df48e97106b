import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { channelsSchema, connectionsSchema } from '../runner/runner-answers.ts';
import { listFrom } from './load-list.ts';

/**
 * The channels that the runner can send through. A channel by itself means its first connection; if it has several, each
 * is listed as well.
 */
export async function getChannels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const ask = await listFrom(this, 'list its channels', 'send');
	const [listed, named] = await Promise.all([ask('/connections'), ask('/channels')]);
	const { connections } = connectionsSchema.parse(listed);
	const { channels } = channelsSchema.parse(named);
	return channels.flatMap(({ id, title }) => {
		const own = connections.filter(({ channel }) => channel === id);
		const [first, ...others] = own;
		if (!first) return [];
		const each = others.length > 0 ? own : [];
		return [
			{ name: `${title} (Default: ${first.name})`, value: id },
			...each.map(({ name }) => ({ name: `${title} – ${name}`, value: `${id}:${name}` })),
		];
	});
}
