import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Explanation } from '../http/explanation.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { explainOlderRunner } from '../runner/older-runner.ts';
import { camelCased, incidentSchema, keyAnswerSchema } from '../runner/runner-answers.ts';
import { openRunner, type RunnerReply } from '../runner/runner-api.ts';
import { type ItemResult, refusedByApi, refusedParameters } from './item-result.ts';
import { parameterName } from './parameter-names.ts';
import { optionalText, requiredText, toProblems } from './parameter-schemas.ts';
import { oneByOne } from './process-items.ts';

type Action = 'acknowledge' | 'resolve';

const answerSchema = z.object({ by: optionalText, note: optionalText });
const idSchema = answerSchema.extend({ incidentId: requiredText });
const keySchema = answerSchema.extend({ dedupKey: requiredText });

/** Says for each item that somebody takes care of its incident. */
export async function acknowledgeIncidents(
	context: IExecuteFunctions,
): Promise<readonly ItemResult[]> {
	return await answerIncidents(context, 'acknowledge');
}

/** Says for each item that its incident is over. */
export async function resolveIncidents(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	return await answerIncidents(context, 'resolve');
}

async function answerIncidents(
	context: IExecuteFunctions,
	action: Action,
): Promise<readonly ItemResult[]> {
	const runner = await openRunner(context);
	// An answer that comes twice changes nothing the second time.
	const repeating = { idempotent: true, sleep: cancellableSleep(context) };
	const node = context.getNode();
	const indexes = [...context.getInputData().keys()];
	return await oneByOne(context, indexes, async (itemIndex) => {
		const call = readCall(context, itemIndex, action);
		if (!call.ok) return refusedParameters(node, itemIndex, call.problems);
		const { path, body } = call;
		const reply = await untilAnswered(() => runner.request('POST', path, { body }), repeating);
		const json = outputOf(reply);
		if (json) return { ok: true, json };
		const explanation =
			(await explainOlderRunner(runner, unknownRoute(reply), ['escalation'])) ??
			explainStatus(reply) ??
			explainRefusal(reply, {
				baseUrl: runner.baseUrl,
				action: `${action} the incident`,
				scope: 'respond',
				nameOf: parameterName,
			});
		return refusedByApi(node, itemIndex, explanation);
	});
}

interface Call {
	readonly ok: true;
	readonly path: string;
	readonly body: IDataObject;
}

function readCall(
	context: IExecuteFunctions,
	itemIndex: number,
	action: Action,
): Call | { readonly ok: false; readonly problems: ReturnType<typeof toProblems> } {
	const get = (name: string): unknown => context.getNodeParameter(name, itemIndex, undefined);
	const said = { by: get('by'), note: get('note') };
	if (get('incidentBy') === 'id') {
		const read = idSchema.safeParse({ ...said, incidentId: get('incidentId') });
		if (!read.success) return { ok: false, problems: toProblems(read.error) };
		const { incidentId, ...body } = read.data;
		const path = `/incidents/${encodeURIComponent(incidentId)}/${action}`;
		return { ok: true, path, body: present(body) };
	}
	const read = keySchema.safeParse({ ...said, dedupKey: get('dedupKey') });
	if (!read.success) return { ok: false, problems: toProblems(read.error) };
	const { dedupKey, ...body } = read.data;
	return {
		ok: true,
		path: `/incidents/${action}`,
		body: { dedup_key: dedupKey, ...present(body) },
	};
}

const present = ({ by, note }: z.infer<typeof answerSchema>): IDataObject => ({
	...(by === undefined ? {} : { by }),
	...(note === undefined ? {} : { note }),
});

/** The item of an answer that the runner took. By key it says how many incidents were meant. */
function outputOf(reply: RunnerReply): IDataObject | undefined {
	if ('failure' in reply || reply.status !== 200) return undefined;
	const byKey = keyAnswerSchema.safeParse(reply.body).data;
	if (byKey) {
		const { matched, incidents } = byKey;
		return { matched, incidents: incidents.map(shown) };
	}
	const incident = incidentSchema.safeParse(reply.body).data;
	return incident && shown(incident);
}

function shown({ id, ...rest }: z.infer<typeof incidentSchema>): IDataObject {
	return { incidentId: id, ...camelCased(rest) };
}

/** A 404 says that the incident is unknown, or that the runner knows no incidents. */
function unknownRoute(reply: RunnerReply): RunnerReply {
	if ('failure' in reply || reply.status !== 404) return reply;
	return /incident/i.test(problemOf(reply.body).detail) ? { ...reply, status: 0 } : reply;
}

function explainStatus(reply: RunnerReply): Explanation | undefined {
	if ('failure' in reply) return undefined;
	const { detail } = problemOf(reply.body);
	if (reply.status === 404) {
		return {
			message: 'The runner has no incident with this ID',
			description:
				'Use the incidentId from the output of Escalate, and the credential of the runner that has it.',
			httpCode: '404',
		};
	}
	if (reply.status === 409) {
		return {
			message: 'The incident is over',
			description: `It can change no more. The runner answered: ${detail}`,
			httpCode: '409',
		};
	}
	return undefined;
}
