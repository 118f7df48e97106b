import {
	type ConnectionLimits,
	DEFAULT_BREAKER,
	DEFAULT_LIMITS,
	type VendorLimits,
} from '@sureping/engine';
import type { z } from 'zod/v4';
import type { limitFields } from './settings/index.ts';

type WrittenLimits = z.infer<z.ZodObject<typeof limitFields>>;

/** The limits of a connection: its own settings, else its vendor's, else the defaults. */
export function toLimits(
	{ rate_limit, concurrency, breaker = {} }: WrittenLimits,
	vendor: VendorLimits = {},
): ConnectionLimits {
	const own = rate_limit && {
		perS: rate_limit.per_s,
		burst: rate_limit.burst ?? Math.max(1, Math.ceil(rate_limit.per_s)),
	};
	const probeAfterMs =
		breaker && breaker.probe_s !== undefined
			? Math.round(breaker.probe_s * 1000)
			: DEFAULT_BREAKER.probeAfterMs;
	return {
		rate: rate_limit === undefined ? vendor.rate : own || undefined,
		recipientRate: rate_limit === false ? undefined : vendor.recipientRate,
		concurrency: concurrency ?? vendor.concurrency ?? DEFAULT_LIMITS.concurrency,
		breaker:
			(breaker && {
				failures: breaker.failures ?? DEFAULT_BREAKER.failures,
				probeAfterMs,
				longestProbeMs: Math.max(probeAfterMs, DEFAULT_BREAKER.longestProbeMs),
			}) ||
			undefined,
	};
}
