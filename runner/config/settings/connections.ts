import { CHANNELS, DEFAULT_BREAKER, DEFAULT_LIMITS, retryRulesSchema } from '@sureping/engine';
import { z } from 'zod/v4';
import { nameSchema } from './names.ts';

const rateSchema = z.strictObject({
	per_s: z
		.number()
		.positive()
		.max(100_000)
		.meta({ description: 'Attempts per second.', examples: [20] }),
	burst: z
		.int()
		.min(1)
		.max(100_000)
		.optional()
		.meta({
			description:
				'Attempts that may start at once after a quiet time. Default: `per_s`, rounded up.',
			examples: [40],
		}),
});

const breakerSchema = z.strictObject({
	failures: z.int().min(1).max(1_000).optional().meta({
		description: 'Failures in a row that open the breaker.',
		default: DEFAULT_BREAKER.failures,
	}),
	probe_s: z
		.number()
		.min(0.01)
		.max(3_600)
		.optional()
		.meta({
			description:
				'Seconds until the first probe. Each further one waits twice as long, up to a minute.',
			default: DEFAULT_BREAKER.probeAfterMs / 1000,
		}),
});

/** The load that a connection may put on its service. */
export const limitFields = {
	rate_limit: z
		.union([z.literal(false), rateSchema])
		.optional()
		.describe(
			'Rate limit of its attempts; those above it wait. `false` sets no limit. Default: the rate that the vendor documents.',
		),
	concurrency: z
		.int()
		.min(1)
		.max(256)
		.optional()
		.meta({
			description: `Attempts under way at once. Default: the number that the vendor documents, else ${DEFAULT_LIMITS.concurrency}.`,
			examples: [16],
		}),
	breaker: z
		.union([z.literal(false), breakerSchema])
		.optional()
		.describe(
			'Circuit breaker: a service that is down gets only probes. `false` never opens it. Default: on.',
		),
};

/** The settings of every connection; the others belong to its channel, which checks them. */
export const connectionSchema = z.looseObject({
	name: nameSchema.meta({
		description: 'Name of the connection. A send names it as `channel:name`.',
		examples: ['ops'],
	}),
	channel: z.string().meta({
		description: `One of ${CHANNELS.map(({ id }) => `\`${id}\``).join(', ')}.`,
		examples: ['console'],
	}),
	retry: z
		.union([z.boolean(), retryRulesSchema])
		.optional()
		.describe(
			'Retry rules of its deliveries. `false` makes a single attempt. Default: the top-level `retry`.',
		),
	...limitFields,
});

/** The names of the settings that every connection may have. */
export const CONNECTION_FIELDS: readonly string[] = Object.keys(connectionSchema.shape);
