import { type ILoadOptionsFunctions, NodeApiError } from 'n8n-workflow';
import { explainRefusal } from '../runner/explain-refusal.ts';
import { openRunner } from '../runner/runner-api.ts';

/** Asks the runner of a node's credential for lists. A refusal is explained where the list would be. */
export async function listFrom(
	context: ILoadOptionsFunctions,
	action: string,
	scope: string,
): Promise<(path: string) => Promise<unknown>> {
	const runner = await openRunner(context);
	return async (path) => {
		const reply = await runner.request('GET', path);
		if (!('failure' in reply) && reply.status === 200) return reply.body;
		const { message, description, httpCode } = explainRefusal(reply, {
			baseUrl: runner.baseUrl,
			action,
			scope,
			nameOf: (name) => name,
		});
		throw new NodeApiError(context.getNode(), httpCode === null ? {} : { httpCode }, {
			message,
			description,
		});
	};
}
