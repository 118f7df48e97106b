import type { Random } from './ports.ts';

/** A retry policy. n delays mean n + 1 attempts. */
export interface RetryPolicy {
	/** Milliseconds to wait after the 1st, 2nd, … failed attempt. */
	readonly delaysMs: readonly number[];
	/** Each delay is moved by up to this share of itself, either way; 0 to 1. */
	readonly jitter: number;
	/** Milliseconds until an attempt counts as failed. */
	readonly timeoutMs: number;
}

const seconds = (...values: number[]): number[] => values.map((value) => value * 1000);

/** One-Ping's schedule for a send: at once, then after 15 s, 1 min and 5 min (one-ping.com/features/retry). */
export const DEFAULT_RETRY: RetryPolicy = {
	delaysMs: seconds(15, 60, 300),
	jitter: 0.1,
	timeoutMs: 10_000,
};

/** Short enough to wait for inside one workflow execution. */
export const DIRECT_RETRY: RetryPolicy = {
	delaysMs: seconds(1, 5),
	jitter: 0.1,
	timeoutMs: 10_000,
};

/** One-Ping's schedule for a webhook: 5 retries after 30 s, 2 min, 10 min, 30 min and 1 h. */
export const WEBHOOK_RETRY: RetryPolicy = {
	delaysMs: seconds(30, 120, 600, 1800, 3600),
	jitter: 0.1,
	timeoutMs: 10_000,
};

/**
 * Milliseconds to wait when this host ran out of files or ports, which are freed all the time. Such an attempt is not
 * counted.
 */
export const EXHAUSTED_MS = 1_000;

export function withoutRetries(policy: RetryPolicy): RetryPolicy {
	return { ...policy, delaysMs: [] };
}

export function maxAttempts(policy: RetryPolicy): number {
	return policy.delaysMs.length + 1;
}

/**
 * Milliseconds to wait after attempt number `attempt` (from 1) failed, or undefined when that was the last one. A
 * longer wait that the other side asked for (`Retry-After`) wins. Whole milliseconds, as due times are stored.
 */
export function waitAfter(
	policy: RetryPolicy,
	attempt: number,
	random: Random,
	retryAfterMs = 0,
): number | undefined {
	const delay = policy.delaysMs[attempt - 1];
	if (delay === undefined) return undefined;
	const jittered = delay * (1 + policy.jitter * (2 * random() - 1));
	return Math.max(Math.round(jittered), Math.ceil(retryAfterMs));
}
