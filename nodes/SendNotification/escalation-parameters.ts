import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Problem } from '../../engine/dispatch/index.ts';
import {
	emptyAsAbsent,
	isoTimeOf,
	jsonObject,
	optionalText,
	requiredText,
	toProblems,
} from './parameter-schemas.ts';

/** `["contact:ada"]` from the list, or `contact:ada, slack` from an expression or a model. */
const parties = z
	.preprocess(
		(value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
		z.array(z.string(), 'must be a list of contacts, on-calls and channels'),
	)
	.transform((list) => list.filter((one) => one !== ''));

const seconds = z.preprocess(emptyAsAbsent, z.number('must be a number of seconds').optional());

const stepsSchema = z.object({
	values: z
		.array(
			z.object({
				after: z.number('must be a number of seconds').default(0),
				when: optionalText,
				notify: parties.default([]),
				urgency: optionalText,
				ack: optionalText,
			}),
		)
		.min(1, 'add at least one step'),
});

const optionsSchema = z.object({
	ackTimeout: seconds,
	metadata: jsonObject('{ "host": "db-1" }').optional(),
	priority: optionalText,
	recipient: optionalText,
	repeat: z.preprocess(emptyAsAbsent, z.number('must be a number').optional()),
	repeatAfter: seconds,
	resolveAfter: seconds,
	subject: optionalText,
});

export type ReadEscalation =
	| { readonly ok: true; readonly body: IDataObject }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the parameters of an item as the body of a send with a policy. */
export function readEscalation(context: IExecuteFunctions, itemIndex: number): ReadEscalation {
	const get = (name: string): unknown => context.getNodeParameter(name, itemIndex, undefined);
	const isOwn = get('policySource') === 'canvas';
	const schema = z.object({
		message: requiredText,
		dedupKey: optionalText,
		options: optionsSchema,
		steps: isOwn ? stepsSchema : z.undefined(),
		policy: isOwn ? z.undefined() : requiredText,
	});
	const given = {
		message: get('message'),
		dedupKey: get('dedupKey'),
		options: get('escalationOptions') ?? {},
		steps: isOwn ? withSteps(get('steps')) : undefined,
		policy: isOwn ? undefined : get('policy'),
	};
	const read = schema.safeParse(given);
	if (!read.success) return { ok: false, problems: toProblems(read.error) };
	const { message, dedupKey, options, steps, policy } = read.data;
	const expiresAt = isoTimeOf(expiryIn(given.options), context.getTimezone());
	if (expiresAt === null) {
		return { ok: false, problems: [{ path: 'expires_at', message: 'must be a date and time' }] };
	}
	const { subject, metadata, priority, recipient } = options;
	const escalation = steps ? policyOf(steps, options) : policy;
	const body = { message, escalation, dedup_key: dedupKey, subject, metadata, priority, recipient };
	return { ok: true, body: withoutAbsent({ ...body, expires_at: expiresAt }) };
}

/** n8n gives an empty object for a collection without entries. */
function withSteps(steps: unknown): unknown {
	return typeof steps === 'object' && steps !== null && 'values' in steps ? steps : { values: [] };
}

function expiryIn(options: unknown): unknown {
	return typeof options === 'object' && options !== null && 'expiresAt' in options
		? options.expiresAt
		: undefined;
}

function policyOf(
	{ values }: z.infer<typeof stepsSchema>,
	{ repeat, repeatAfter, ackTimeout, resolveAfter }: z.infer<typeof optionsSchema>,
): IDataObject {
	return withoutAbsent({
		steps: values.map(({ after, ...rest }) => withoutAbsent({ after_s: after, ...rest })),
		repeat,
		repeat_after_s: repeatAfter,
		ack_timeout_s: ackTimeout,
		resolve_after_s: resolveAfter,
	});
}

function withoutAbsent(members: Readonly<Record<string, unknown>>): IDataObject {
	const present = Object.entries(members).filter(([, value]) => value !== undefined);
	return Object.fromEntries(present) as IDataObject; // read from JSON, or made of it
}
