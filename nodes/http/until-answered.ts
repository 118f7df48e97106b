import { type RetryPolicy, waitAfter } from '../../engine/retry.ts';
import { parseRetryAfter } from '../../engine/time.ts';
import type { ApiReply } from './call-api.ts';
import type { Unanswered } from './transport-failure.ts';

/** For calls that a person or a workflow waits for: long enough to get past a restart or a burst. */
const API_RETRY: RetryPolicy = { delaysMs: [500, 2_000], jitter: 0.1, timeoutMs: 10_000 };

/** Where the API's own waits are not known to be longer. */
const LONGEST_WAIT_MS = 30_000;

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

export interface Repeating {
	/** Whether the other side recognises a repeat, so that an attempt without an answer may be made again. */
	readonly idempotent: boolean;
	sleep(ms: number): Promise<void>;
	/** Milliseconds that an answer asks to wait where its API says so elsewhere than in `Retry-After`. */
	readonly askedWaitMs?: ((reply: ApiReply) => number | undefined) | undefined;
	/** Milliseconds; who asks for a longer wait is not asked again within this execution. */
	readonly longestWaitMs?: number | undefined;
}

/** Calls again after 408, 425, 429, 5xx and lost connections, as `Retry-After` asks; the last answer counts. */
export async function untilAnswered(
	call: () => Promise<ApiReply | Unanswered>,
	{ idempotent, sleep, askedWaitMs, longestWaitMs = LONGEST_WAIT_MS }: Repeating,
): Promise<ApiReply | Unanswered> {
	for (let attempt = 1; ; attempt++) {
		const reply = await call();
		if (!isTransient(reply, idempotent)) return reply;
		const retryAfterMs =
			'failure' in reply
				? undefined
				: (askedWaitMs?.(reply) ?? parseRetryAfter(reply.headers['retry-after'], Date.now()));
		const wait = waitAfter(API_RETRY, attempt, Math.random, retryAfterMs);
		if (wait === undefined || wait > longestWaitMs) return reply;
		await sleep(wait);
	}
}

function isTransient(reply: ApiReply | Unanswered, idempotent: boolean): boolean {
	if ('failure' in reply) {
		return reply.failure !== 'refused_url' && (idempotent || !reply.mayHaveArrived);
	}
	return reply.status >= 500 || TRANSIENT_STATUSES.has(reply.status);
}
