import type { ErrorCode } from '../errors.ts';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { EXHAUSTED_MS } from '../retry.ts';
import { boundedWait, parseRetryAfter, parseTryAgain } from '../time.ts';
import type { CheckResult, Delivered, Failed, Party } from './channel.ts';

export const deliveredByService: Delivered = { result: 'delivered', confirmation: 'service' };

/** Accepted under the service's own id: printable ASCII without spaces. Anything else is dropped. */
export function acceptedAs(messageId: unknown): Delivered {
	return typeof messageId === 'string' && /^[\x21-\x7e]{1,255}$/.test(messageId)
		? { ...deliveredByService, messageId }
		: deliveredByService;
}

export const works = (detail?: string): CheckResult => ({ result: 'ok', detail });

export function permanentFailure(code: ErrorCode, message: string, about?: Party): Failed {
	return failed(code, message, true, { about });
}

export function transientFailure(
	code: ErrorCode,
	message: string,
	retryAfterMs?: number,
	about?: Party,
): Failed {
	return failed(code, message, false, { retryAfterMs, about });
}

function failed(
	code: ErrorCode,
	message: string,
	permanent: boolean,
	{ retryAfterMs, about }: Pick<Failed, 'retryAfterMs' | 'about'>,
): Failed {
	return {
		result: 'failed',
		error: { code, message },
		permanent,
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
		...(about === undefined ? {} : { about }),
	};
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

/** Headers that tell when a rate limit resets: from vendors and from the IETF's drafts. */
const RESETS = ['x-ratelimit-reset-after', 'ratelimit-reset', 'x-ratelimit-reset'] as const;

/** A reset is written as seconds from now, as unix seconds or as unix milliseconds; its size tells which. */
function waitUntilReset({ headers }: HttpReply, now: number): number | undefined {
	for (const name of RESETS) {
		const value = headers[name]?.trim() ?? '';
		if (!/^\d{1,16}(?:\.\d{1,9})?$/.test(value)) continue;
		const time = Number(value);
		if (time < 1e9) return boundedWait(time * 1000);
		const wait = (time < 1e12 ? time * 1000 : time) - now;
		// A reset that lies in the past says nothing.
		if (wait > 0) return boundedWait(wait);
	}
	return undefined;
}

/**
 * Milliseconds that a throttling answer asks to wait, from the first place that has it: `Retry-After` (RFC 9110
 * §10.2.3), the reset of a rate limit, or a sentence of its body such as "try again after DATE".
 */
export function waitOfThrottling(reply: HttpReply, now: number): number | undefined {
	return (
		parseRetryAfter(reply.headers['retry-after'], now) ??
		waitUntilReset(reply, now) ??
		parseTryAgain(reply.body, now)
	);
}

/** Mailgun throttles with 420, as Twitter's first API did; 429 is RFC 6585's. */
const THROTTLING: ReadonlySet<number> = new Set([420, 429]);

/** Statuses that mean throttling where they come with a wait: RFC 9110 §15.6.4 and §10.2.3, and vendors' practice. */
const THROTTLING_WITH_WAIT: ReadonlySet<number> = new Set([403, 413, 503, 509, 529]);

/** True for a status that means throttling, or one of `THROTTLING_WITH_WAIT` with a `Retry-After`. */
export function isThrottling({ status, headers }: HttpReply, now: number): boolean {
	return (
		THROTTLING.has(status) ||
		(THROTTLING_WITH_WAIT.has(status) && parseRetryAfter(headers['retry-after'], now) !== undefined)
	);
}

const CLIENT_ERRORS: Readonly<Record<number, ErrorCode>> = {
	401: 'AUTH_FAILED',
	403: 'AUTH_FAILED',
	404: 'TARGET_GONE',
	410: 'TARGET_GONE',
};

/** Statuses besides 5xx after which another attempt can succeed (RFC 9110 §15.5.9, RFC 8470). */
const TRANSIENT_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 425]);

/**
 * The meaning of an HTTP status that is not a success, where the vendor's documentation says nothing more precise: 408,
 * 425, throttling, 5xx and unexpected statuses (1xx to 3xx) are tried again, all others are not. `said` is the vendor's
 * own error word, for the message; a wait is honoured wherever it appears.
 */
export function classifyHttpStatus(
	service: string,
	reply: HttpReply,
	now: number,
	said?: string,
): Failed {
	const { status } = reply;
	const message = `${service} answered ${status}${said ? ` (${said})` : ''}`;
	if (isThrottling(reply, now)) {
		return transientFailure('RATE_LIMITED', message, waitOfThrottling(reply, now));
	}
	const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], now);
	if (status < 400) return transientFailure('UNEXPECTED_ANSWER', message, retryAfterMs);
	if (status >= 500 || TRANSIENT_CLIENT_ERRORS.has(status)) {
		return transientFailure('SERVICE_UNAVAILABLE', message, retryAfterMs);
	}
	return permanentFailure(CLIENT_ERRORS[status] ?? 'MESSAGE_REJECTED', message);
}

export interface CodedFailure {
	readonly code: ErrorCode;
	readonly permanent: boolean;
	/** The meaning of the vendor's bare number, for people. */
	readonly says?: string | undefined;
	/** The party, where the vendor's error word is more precise than the code. */
	readonly about?: Party | undefined;
}

/** A vendor's documented error words or numbers, each with its meaning here. */
export type VendorErrors = Readonly<Record<string, CodedFailure>>;

export const permanently = (code: ErrorCode, says?: string, about?: Party): CodedFailure => ({
	code,
	permanent: true,
	says,
	about,
});
export const forNow = (code: ErrorCode, says?: string, about?: Party): CodedFailure => ({
	code,
	permanent: false,
	says,
	about,
});

/** The outcome for an entry of a vendor's table. The entry's explanation is appended to `message`. */
export function codedFailure(
	{ code, permanent, says, about }: CodedFailure,
	message: string,
	retryAfterMs?: number,
): Failed {
	return failed(code, says ? `${message}: ${says}` : message, permanent, {
		retryAfterMs: permanent ? undefined : retryAfterMs,
		about,
	});
}

/**
 * A vendor's error word as it may be shown, or '' for anything else. Only a single word is shown: a proxy may echo the
 * request, and with it a token or a webhook's secret path.
 */
export function shown(word: unknown): string {
	return typeof word === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(word) ? word : '';
}

/**
 * The vendor's name for the owner of a credential, as a connection test may show it: one plain line that shares no text
 * with the credential, which a proxy may echo. '' for anything else.
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
	// Plain answers such as "ok" are common, and an exception for each would cost more than reading an object.
	if (!/^[ \t\n\r]*\{/.test(body)) return undefined;
	try {
		return { ...(JSON.parse(body) as object) };
	} catch {
		return undefined;
	}
}
