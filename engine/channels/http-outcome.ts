import type { DeliveryError, ErrorCode } from '../errors.ts';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from '../time.ts';
import type { CheckResult, Delivered, Failed, Outcome } from './channel.ts';

export const deliveredByService: Delivered = { result: 'delivered', confirmation: 'service' };

/** Accepted under the service's own id: printable ASCII without spaces. What is anything else is no id. */
export function acceptedAs(messageId: unknown): Delivered {
	return typeof messageId === 'string' && /^[\x21-\x7e]{1,255}$/.test(messageId)
		? { ...deliveredByService, messageId }
		: deliveredByService;
}

type Classify = (reply: HttpReply | TransportFailure, now: number) => Outcome;

/** The same, but an answer's id that repeats the credential is none: what stands between may echo the request. */
export function withoutEcho(classify: Classify, credential: string): Classify {
	return (reply, now) => {
		const outcome = classify(reply, now);
		const echoes = outcome.result === 'delivered' && outcome.messageId?.includes(credential);
		return echoes ? deliveredByService : outcome;
	};
}

export const works = (detail?: string): CheckResult => ({ result: 'ok', detail });

export function permanentFailure(code: ErrorCode, message: string): Failed {
	return { result: 'failed', error: { code, message }, permanent: true };
}

export function transientFailure(code: ErrorCode, message: string, retryAfterMs?: number): Failed {
	return { result: 'failed', error: { code, message }, permanent: false, retryAfterMs };
}

/** An exchange without an answer can always be tried again, except to a URL that must not be called. */
export function classifyTransportFailure(
	service: string,
	{ failure, detail }: TransportFailure,
): Failed {
	switch (failure) {
		case 'timeout':
			return transientFailure('TIMEOUT', `${service} did not respond within ${detail}`);
		case 'connection':
			return transientFailure('CONNECTION_FAILED', `${service} could not be reached: ${detail}`);
		case 'exhausted':
			return {
				...transientFailure(
					'CONNECTION_FAILED',
					`${service} was not called: ${detail}`,
					EXHAUSTED_MS,
				),
				about: 'us',
				isUncounted: true,
			};
		case 'offline': {
			const message = `${service} could not be reached from here: ${detail}`;
			return { ...transientFailure('CONNECTION_FAILED', message), about: 'us' };
		}
		case 'refused_url':
			return { ...permanentFailure('CONNECTION_FAILED', detail), about: 'us' };
		case 'unsupported_recipient':
			return permanentFailure('RECIPIENT_REJECTED', detail);
		case 'unsupported_sender':
			return { ...permanentFailure('MESSAGE_REJECTED', detail), about: 'sender' };
	}
}

/** Milliseconds after which this host may have again what it was out of: files and ports are given back all the time. */
export const EXHAUSTED_MS = 1_000;

/**
 * Milliseconds that a rate limit asks to wait: `Retry-After` (RFC 9110 §10.2.3), or `X-RateLimit-Reset` where a vendor
 * gives it in unix seconds. A reset that lies in the past says nothing.
 */
export function waitUntilReset({ headers }: HttpReply, now: number): number | undefined {
	const wait = Math.ceil(Number(headers['x-ratelimit-reset']) * 1000) - now;
	return (
		parseRetryAfter(headers['retry-after'], now) ??
		(wait > 0 ? Math.min(wait, LONGEST_RETRY_AFTER_MS) : undefined)
	);
}

const CLIENT_ERRORS: Readonly<Record<number, ErrorCode>> = {
	401: 'AUTH_FAILED',
	403: 'AUTH_FAILED',
	404: 'TARGET_GONE',
	410: 'TARGET_GONE',
};

/** Statuses besides 5xx after which another attempt can succeed (RFC 9110 §15.5.9, RFC 8470, RFC 6585). */
const TRANSIENT_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What an HTTP status that is not a success means where the vendor's documentation says nothing more precise:
 * 408, 425, 429, 5xx and what should be no answer at all (1xx to 3xx) are worth another attempt, everything else is not.
 * `said` is the vendor's own error word, for the message; `Retry-After` is honoured wherever it appears.
 */
export function classifyHttpStatus(
	service: string,
	reply: HttpReply,
	now: number,
	said?: string,
): Failed {
	const { status } = reply;
	const message = `${service} answered ${status}${said ? ` (${said})` : ''}`;
	const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], now);
	if (status < 400) return transientFailure('UNEXPECTED_ANSWER', message, retryAfterMs);
	if (status === 429) return transientFailure('RATE_LIMITED', message, retryAfterMs);
	if (status >= 500 || TRANSIENT_CLIENT_ERRORS.has(status)) {
		return transientFailure('SERVICE_UNAVAILABLE', message, retryAfterMs);
	}
	return permanentFailure(CLIENT_ERRORS[status] ?? 'MESSAGE_REJECTED', message);
}

export interface CodedFailure {
	readonly code: ErrorCode;
	readonly permanent: boolean;
	/** What the vendor's bare number says, for people. */
	readonly says?: string | undefined;
}

/** A vendor's documented error words or numbers, each with what it means here. */
export type VendorErrors = Readonly<Record<string, CodedFailure>>;

export const permanently = (code: ErrorCode, says?: string): CodedFailure => ({
	code,
	permanent: true,
	says,
});
export const forNow = (code: ErrorCode, says?: string): CodedFailure => ({
	code,
	permanent: false,
	says,
});

/**
 * The outcome for a vendor's error word or number, or undefined when its table does not have it. `message` is ended by
 * what the number says.
 */
export function classifyVendorError(
	errors: VendorErrors,
	word: string,
	message: string,
	retryAfterMs?: number,
): Failed | undefined {
	const found = Object.hasOwn(errors, word) ? errors[word] : undefined;
	if (!found) return undefined;
	const { code, permanent, says } = found;
	const error: DeliveryError = { code, message: says ? `${message}: ${says}` : message };
	return { result: 'failed', error, permanent, retryAfterMs };
}

/**
 * A vendor's error word as it may be shown, or '' for anything else. Only a word: what stands between us and the vendor
 * may echo the request, and with it a token or a webhook's secret path.
 */
export function shown(word: unknown): string {
	return typeof word === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(word) ? word : '';
}

/**
 * A vendor's name for whom the credential belongs to, as a connection test may show it, or '' for anything else: one
 * plain line, and nothing that a proxy could have made of the credential.
 */
export function shownName(name: unknown, credential: string): string {
	return typeof name === 'string' &&
		/^[\p{L}\p{N} ._@&'’()-]{1,64}$/u.test(name) &&
		!name.includes(credential) &&
		!credential.includes(name)
		? name
		: '';
}

/** The body as a JSON object, or undefined when it is anything else. */
export function jsonObject(body: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? { ...value }
			: undefined;
	} catch {
		return undefined;
	}
}
