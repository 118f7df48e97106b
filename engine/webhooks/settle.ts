import type { DeliveryError } from '../errors.ts';
import type { HttpReply, Random, TransportFailure } from '../ports.ts';
import { EXHAUSTED_MS, maxAttempts, type RetryPolicy, waitAfter } from '../retry.ts';
import { parseRetryAfter } from '../time.ts';
import { answerText } from './answer-text.ts';
import { isGone, LONGEST_PAUSE_MS } from './health.ts';

export type WebhookState = 'pending' | 'delivered' | 'exhausted';

/** One request to an endpoint. Times in milliseconds. */
export interface WebhookAttempt {
	readonly at: number;
	readonly latencyMs: number;
	/** The endpoint's HTTP status, when it answered at all. */
	readonly status?: number;
	readonly error?: DeliveryError;
	/** The beginning of the answer's body, safe to show; kept for the newest `ANSWERS_KEPT` attempts. */
	readonly answer?: string;
}

/** Of one webhook delivery. */
const ANSWERS_KEPT = 3;

/** One delivery event on its way to one endpoint. */
export interface WebhookDelivery {
	readonly id: string;
	readonly state: WebhookState;
	readonly attempts: readonly WebhookAttempt[];
	/** Start of the next request; present while `pending`. */
	readonly dueAt?: number;
	/** Most events in its next request, after a larger one was refused. */
	readonly mostTogether?: number;
}

/** Answers that acknowledge: any 2xx, or 200 alone, as One-Ping documents it. */
export type Acknowledgement = '2xx' | 'strict-200';

/** The rules by which answers settle a delivery. */
export interface WebhookRules {
	readonly policy: RetryPolicy;
	readonly ack: Acknowledgement;
	/** Secrets that the request carried; removed from the stored answer. */
	readonly hidden?: readonly string[];
	/** The request went to a send's own callback URL, not to an endpoint. */
	readonly isCallback?: boolean;
}

/** The delivery after one request with one event. */
export function settleWebhook(
	delivery: WebhookDelivery,
	reply: HttpReply | TransportFailure,
	{ at, latencyMs }: { at: number; latencyMs: number },
	rules: WebhookRules,
	random: Random,
): WebhookDelivery {
	if (isOurs(reply)) {
		// Nothing was sent because this host lacks a resource for the moment.
		const postponed = Math.round(EXHAUSTED_MS * (1 + random()));
		return { ...delivery, state: 'pending', dueAt: at + latencyMs + postponed };
	}
	const status = 'failure' in reply ? undefined : reply.status;
	const error = refusal(reply, rules.ack);
	const answer = 'failure' in reply ? '' : answerText(reply.body, rules.hidden);
	const attempts = [
		...withoutOldAnswers(delivery.attempts),
		{
			at,
			latencyMs,
			...(status === undefined ? {} : { status }),
			...(error ? { error } : {}),
			...(answer === '' ? {} : { answer }),
		},
	];
	if (!error) return { id: delivery.id, state: 'delivered', attempts };
	const now = at + latencyMs;
	const retryAfterMs =
		'failure' in reply ? undefined : parseRetryAfter(reply.headers['retry-after'], now);
	const asked = retryAfterMs && Math.min(retryAfterMs, LONGEST_PAUSE_MS);
	const wait = waitAfter(rules.policy, attempts.length, random, asked);
	return wait === undefined
		? { id: delivery.id, state: 'exhausted', attempts }
		: { id: delivery.id, state: 'pending', attempts, dueAt: now + wait };
}

/** No request left this host: neither an attempt nor anything about the endpoint. */
export function isOurs(reply: HttpReply | TransportFailure): boolean {
	return 'failure' in reply && reply.failure === 'exhausted';
}

/** True when the next attempt is the last one that the policy allows. */
export function isLastAttempt({ attempts }: WebhookDelivery, policy: RetryPolicy): boolean {
	return attempts.length + 1 >= maxAttempts(policy);
}

/** The reason why no request is made now: with an error the attempt counts as failed, without one it waits. */
export interface Withheld {
	readonly error?: DeliveryError;
	/** Milliseconds since 1970. */
	readonly until: number;
}

/** The delivery after no request was made for it at `at`. */
export function withheldWebhook(
	delivery: WebhookDelivery,
	{ error, until }: Withheld,
	at: number,
	policy: RetryPolicy,
	random: Random,
): WebhookDelivery {
	return error
		? lapsedWebhook(delivery, error, { at, waitMs: until - at }, policy, random)
		: { ...delivery, dueAt: until };
}

/** The delivery of an event without a payload in its endpoint's profile, which was changed since the event was owed. */
export function unformattedWebhook({ id, attempts }: WebhookDelivery, at: number): WebhookDelivery {
	const message = "The endpoint's format has no word for this event";
	const error = { code: 'MESSAGE_REJECTED' as const, message };
	return { id, state: 'exhausted', attempts: [...attempts, { at, latencyMs: 0, error }] };
}

/** Its attempt counts although no request was made. `waitMs`: its shortest wait. */
function lapsedWebhook(
	{ id, attempts: before }: WebhookDelivery,
	error: DeliveryError,
	{ at, waitMs }: { at: number; waitMs: number },
	policy: RetryPolicy,
	random: Random,
): WebhookDelivery {
	const attempts = [...before, { at, latencyMs: 0, error }];
	const wait = waitAfter(policy, attempts.length, random, waitMs);
	return wait === undefined
		? { id, state: 'exhausted', attempts }
		: { id, state: 'pending', attempts, dueAt: at + wait };
}

/**
 * The deliveries after one request with all their events: one answer settles them alike, with one wait. Where the
 * answer refuses the request itself, the next ones are smaller, so that one refused event does not fail the others; the
 * last attempt holds one event. After 410 Gone an endpoint's events are held for it, since it is disabled; a callback's
 * end here.
 */
export function settleWebhooks(
	deliveries: readonly WebhookDelivery[],
	reply: HttpReply | TransportFailure,
	time: { at: number; latencyMs: number },
	rules: WebhookRules,
	random: Random,
): readonly WebhookDelivery[] {
	const draw = random();
	return deliveries.map((delivery) => {
		const settled = settleWebhook(delivery, reply, time, rules, () => draw);
		if (isGone(reply)) return afterGone(settled, rules, time);
		if (settled.state !== 'pending') return settled;
		if (!('failure' in reply) && findsFault(reply.status)) {
			const retriesLeft = maxAttempts(rules.policy) - settled.attempts.length;
			const mostTogether = Math.ceil(deliveries.length ** (1 - 1 / retriesLeft));
			return { ...settled, mostTogether };
		}
		const { mostTogether } = delivery;
		return mostTogether === undefined ? settled : { ...settled, mostTogether };
	});
}

/** Retry delay of a webhook whose last attempt got a 410 while its endpoint stayed enabled. */
const GONE_RETRY_MS = 60_000;

function afterGone(
	{ dueAt, ...settled }: WebhookDelivery,
	{ isCallback = false }: WebhookRules,
	{ at, latencyMs }: { at: number; latencyMs: number },
): WebhookDelivery {
	return isCallback
		? { ...settled, state: 'exhausted' }
		: { ...settled, state: 'pending', dueAt: dueAt ?? at + latencyMs + GONE_RETRY_MS };
}

function withoutOldAnswers(attempts: readonly WebhookAttempt[]): readonly WebhookAttempt[] {
	const kept = attempts.length - (ANSWERS_KEPT - 1);
	return attempts.map((attempt, i) => {
		if (i >= kept || attempt.answer === undefined) return attempt;
		const { answer: _, ...rest } = attempt;
		return rest;
	});
}

/** A 4xx that is about this request, not about the moment (RFC 9110 §15.5; 425 is RFC 8470 §5.2). */
function findsFault(status: number): boolean {
	return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** Redirects are answers like any other: they are not followed and do not acknowledge. */
function refusal(
	reply: HttpReply | TransportFailure,
	ack: Acknowledgement,
): DeliveryError | undefined {
	if ('failure' in reply) {
		return reply.failure === 'timeout'
			? { code: 'TIMEOUT', message: `The endpoint did not respond within ${reply.detail}` }
			: { code: 'CONNECTION_FAILED', message: reply.detail };
	}
	const { status } = reply;
	const acknowledged = ack === 'strict-200' ? status === 200 : status >= 200 && status < 300;
	if (acknowledged) return undefined;
	const code =
		status === 429 ? 'RATE_LIMITED' : status >= 500 ? 'SERVICE_UNAVAILABLE' : 'UNEXPECTED_ANSWER';
	return { code, message: `The endpoint answered ${status}` };
}
