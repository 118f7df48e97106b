import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Problem } from '../../engine/dispatch/index.ts';
import type { SendRequest } from '../../engine/notification.ts';
import {
	emptyAsAbsent,
	isoTimeOf,
	jsonObject,
	optionalText,
	toProblems,
} from './parameter-schemas.ts';

/** Ways of sending with the request of `POST /send`. */
export type Via = 'runner' | 'direct' | 'onePing';

/** `["slack", "email"]` from the list, or `slack, email` from an expression or a model. */
const list = z.union(
	[
		z.array(z.string()),
		z.string().transform((value) =>
			value
				.split(',')
				.map((entry) => entry.trim())
				.filter((entry) => entry !== ''),
		),
	],
	{ error: 'must be a list of channels, or their names separated by commas' },
);

const DELAYS = { error: 'must be seconds, such as 15, 60, 300' };

/** Seconds, as numbers or as `15, 60, 300`. */
const delays = z.preprocess(
	(value) => (typeof value === 'number' ? [value] : value),
	z.union([z.array(z.number()), list.pipe(z.array(z.coerce.number<string>(DELAYS)))], DELAYS),
);

const metadata = jsonObject('{"order_id": "ORD-5678"}');

const optionsSchema = z.object({
	addresses: z
		.object({
			values: z.array(z.object({ channel: z.string(), address: z.string() })).default([]),
		})
		.optional(),
	callbackUrl: optionalText,
	expiresAt: z.unknown().optional(),
	idempotencyKey: optionalText,
	metadata: metadata.optional(),
	priority: z.enum(['critical', 'normal']).optional(),
	retry: z.boolean().optional(),
	retryDelays: z.preprocess(emptyAsAbsent, delays.optional()),
	sendAt: z.unknown().optional(),
	subject: optionalText,
	timeout: z.number().positive('must be more than 0 seconds').optional(),
	waitForOutcome: z.number().min(0, 'must be 0 or more seconds').max(600).optional(),
});
type Options = z.infer<typeof optionsSchema>;

/** The options that each way of sending supports. A value left over from another way is not sent. */
const OPTIONS: Readonly<Record<Via, readonly (keyof Options)[]>> = {
	runner: Object.keys(optionsSchema.shape) as (keyof Options)[], // `keys` forgets its argument's type
	direct: ['addresses', 'retry', 'retryDelays', 'subject', 'timeout'],
	onePing: ['callbackUrl', 'metadata', 'retry', 'subject'],
};

const parametersSchema = z.object({
	message: z.union([z.string(), z.number().transform(String)], { error: 'must be text' }),
	channels: list,
	recipient: z.union([z.string(), z.number().transform(String), z.record(z.string(), z.string())], {
		error: 'must be an address',
	}),
	fallbackChannels: list,
	options: optionsSchema,
});

export type SendParameters =
	| {
			readonly ok: true;
			/** The body of `POST /send`, which direct mode gives to the engine. */
			readonly request: SendRequest;
			/** Undefined unless the user set one. */
			readonly idempotencyKey: string | undefined;
			/** Longest wait for the outcome; 0 for none. */
			readonly waitMs: number;
	  }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads one item's parameters as a request. */
export function readSendParameters(
	context: IExecuteFunctions,
	itemIndex: number,
	via: Via,
): SendParameters {
	const given = context.getNodeParameter('options', itemIndex, {});
	const parsed = parametersSchema.safeParse({
		message: context.getNodeParameter('message', itemIndex),
		channels: context.getNodeParameter('channels', itemIndex, []),
		recipient: context.getNodeParameter('recipient', itemIndex, ''),
		fallbackChannels: context.getNodeParameter('fallbackChannels', itemIndex, []),
		options: pick(given, OPTIONS[via]),
	});
	if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
	const { options, ...basics } = parsed.data;
	const zone = context.getTimezone();
	const times = {
		send_at: isoTimeOf(options.sendAt, zone),
		expires_at: isoTimeOf(options.expiresAt, zone),
	};
	const unreadable = Object.entries(times)
		.filter(([, time]) => time === null)
		.map(([path]) => ({ path, message: 'must be a date and time' }));
	if (unreadable.length > 0) return { ok: false, problems: unreadable };
	return {
		ok: true,
		request: toRequest(basics, options, times),
		idempotencyKey: options.idempotencyKey,
		waitMs: (options.waitForOutcome ?? 0) * 1000,
	};
}

type Basics = Omit<z.infer<typeof parametersSchema>, 'options'>;

function toRequest(
	{ message, channels, recipient, fallbackChannels }: Basics,
	options: Options,
	times: Readonly<Record<'send_at' | 'expires_at', string | null | undefined>>,
): SendRequest {
	const request: SendRequest = { message, channels };
	const recipients = toRecipient(recipient, options, [...channels, ...fallbackChannels]);
	if (recipients !== undefined) request.recipient = recipients;
	if (fallbackChannels.length > 0) request.fallback_channels = fallbackChannels;
	if (options.subject !== undefined) request.subject = options.subject;
	if (options.metadata && Object.keys(options.metadata).length > 0) {
		request.metadata = options.metadata;
	}
	if (options.callbackUrl !== undefined) request.callback_url = options.callbackUrl;
	if (options.priority !== undefined) request.priority = options.priority;
	const retry = toRetry(options);
	if (retry !== undefined) request.retry = retry;
	if (times.send_at) request.send_at = times.send_at;
	if (times.expires_at) request.expires_at = times.expires_at;
	return request;
}

/** One address for all channels, or one per channel if some have their own. */
function toRecipient(
	recipient: Basics['recipient'],
	{ addresses }: Options,
	references: readonly string[],
): SendRequest['recipient'] {
	if (typeof recipient === 'object') return recipient;
	const own = Object.fromEntries(
		(addresses?.values ?? [])
			.filter(({ address }) => address !== '')
			.map(({ channel, address }) => [channel, address]),
	);
	if (Object.keys(own).length === 0) return recipient === '' ? undefined : recipient;
	if (recipient === '') return own;
	const others = references.filter((reference) => {
		const [channel = ''] = reference.split(':', 1);
		return !Object.hasOwn(own, reference) && !Object.hasOwn(own, channel);
	});
	return { ...Object.fromEntries(others.map((reference) => [reference, recipient])), ...own };
}

function toRetry({ retry, retryDelays, timeout }: Options): SendRequest['retry'] {
	const delays_s = retry === false ? [] : retryDelays;
	if (timeout !== undefined) {
		return delays_s ? { delays_s, timeout_s: timeout } : { timeout_s: timeout };
	}
	if (retry === false) return false;
	return delays_s ? { delays_s } : undefined;
}

function pick(given: IDataObject, names: readonly string[]): IDataObject {
	return Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
}
