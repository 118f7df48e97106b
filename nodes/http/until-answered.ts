import { type RetryPolicy, waitAfter } from '../../engine/retry.ts';
import { parseRetryAfter } from '../../engine/time.ts';
import type { ApiReply } from './call-api.ts';
import type { Unanswered } from './transport-failure.ts';

/** For calls that a user or a workflow waits for: long enough to survive a restart or a burst. */
const API_RETRY: RetryPolicy = { delaysMs: [500, 2_000], jitter: 0.1, timeoutMs: 10_000 };

/** The default for APIs that are not known to ask for longer waits. */
const LONGEST_WAIT_MS = 30_000;

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** Decides whether to repeat a call: only after a transient answer, and after `waitMs` if the answer asks for a wait. */
export type Judge = (reply: ApiReply) => {
	readonly isTransient: boolean;
	readonly waitMs?: number | undefined;
};

export interface Repeating {
	/** The other side recognises a repeat, so a call that got no answer may be made again. */
	readonly idempotent: boolean;
	sleep(ms: number): Promise<void>;
	/** By default 408, 425, 429 and 5xx are transient, and `Retry-After` is honoured. */
	readonly judge?: Judge | undefined;
	/** In milliseconds. An API that asks for a longer wait is not called again in this execution. */
	readonly longestWaitMs?: number | undefined;
}

/** Repeats a call after transient answers and lost connections, three calls in all; the last answer counts. */
export async function untilAnswered(
	call: () => Promise<ApiReply | Unanswered>,
	{ idempotent, sleep, judge = byStatus, longestWaitMs = LONGEST_WAIT_MS }: Repeating,
): Promise<ApiReply | Unanswered> {
	for (let attempt = 1; ; attempt++) {
		const reply = await call();
		const { isTransient, waitMs } = 'failure' in reply ? lost(reply, idempotent) : judge(reply);
		if (!isTransient) return reply;
		const wait = waitAfter(API_RETRY, attempt, Math.random, waitMs);
		if (wait === undefined || wait > longestWaitMs) return reply;
		await sleep(wait);
	}
}

function lost({ failure, mayHaveArrived }: Unanswered, idempotent: boolean): ReturnType<Judge> {
	return { isTransient: failure !== 'refused_url' && (idempotent || !mayHaveArrived) };
}

const byStatus: Judge = ({ status, headers }) => ({
	isTransient: status >= 500 || TRANSIENT_STATUSES.has(status),
	waitMs: parseRetryAfter(headers['retry-after'], Date.now()),
});
