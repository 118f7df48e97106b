import {
	type ConnectionLimits,
	DEFAULT_BREAKER,
	DEFAULT_LIMITS,
	type VendorLimits,
} from '@sureping/engine';
import { z } from 'zod/v4';

/** How fast a connection may be used, as the config file says it. */
export const limitFields = {
	/** Instead of what its vendor documents; false: as fast as it goes. */
	rate_limit: z
		.union([
			z.literal(false),
			z.strictObject({
				per_s: z.number().positive().max(100_000),
				/** At once; without it, what comes in a second. */
				burst: z.int().min(1).max(100_000).optional(),
			}),
		])
		.optional(),
	/** Attempts under way at once. */
	concurrency: z.int().min(1).max(256).optional(),
	/** After so many failures in a row only probes are sent; false: never. */
	breaker: z
		.union([
			z.literal(false),
			z.strictObject({
				failures: z.int().min(1).max(1_000).optional(),
				probe_s: z.number().min(0.01).max(3_600).optional(),
			}),
		])
		.optional(),
};

export type WrittenLimits = z.infer<z.ZodObject<typeof limitFields>>;

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
