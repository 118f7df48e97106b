import { type ILoadOptionsFunctions, type INodePropertyOptions, NodeApiError } from 'n8n-workflow';
import { explainRefusal } from '../runner/explain-refusal.ts';
import { channelsSchema, connectionsSchema } from '../runner/runner-answers.ts';
import { openRunner } from '../runner/runner-api.ts';

/**
 * The channels that the runner can send through. A channel by itself means its first connection; if it has several, each
 * is listed as well.
 */
export async function getChannels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const runner = await openRunner(this);
	const ask = async (path: string): Promise<unknown> => {
		const reply = await runner.request('GET', path);
		if (!('failure' in reply) && reply.status === 200) return reply.body;
		const { message, description, httpCode } = explainRefusal(reply, {
			baseUrl: runner.baseUrl,
			action: 'list its channels',
			scope: 'send',
			nameOf: (name) => name,
		});
		throw new NodeApiError(this.getNode(), httpCode === null ? {} : { httpCode }, {
			message,
			description,
		});
	};
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
