import { DEFAULT_HEALTH_RULES } from '@sureping/engine';
import { z } from 'zod/v4';

const { disableAfterMs = 0, warnAfterMs, breaker } = DEFAULT_HEALTH_RULES;

const channelsSchema = z.array(z.string()).min(1);

/** A connection, a list of them, or channels with a recipient, as in the body of `POST /send`. */
const notifySchema = z.union([
	z.string().transform((channel) => ({ channels: [channel] })),
	channelsSchema.transform((channels) => ({ channels })),
	z.strictObject({
		channels: channelsSchema.meta({
			description: 'Connections to notify, as a send names them.',
			examples: [['email:mail']],
		}),
		recipient: z.union([z.string(), z.record(z.string(), z.string())]).meta({
			description: 'Address of the operator, or one for each channel.',
			examples: ['ops@example.com'],
		}),
	}),
]);

export const webhookHealthSchema = z.strictObject({
	disable_after_s: z
		.number()
		.min(1)
		.nullable()
		.default(disableAfterMs / 1000)
		.describe(
			'Seconds of failing after which an endpoint is disabled and its events are held. `null` never disables one.',
		),
	warn_after_s: z
		.array(z.number().min(0))
		.max(10)
		.default(warnAfterMs.map((ms) => ms / 1000))
		.describe(
			'Seconds of failing after which the operator is warned; one warning for each number.',
		),
	notify: notifySchema
		.optional()
		.describe(
			'Recipients of a notification when an endpoint fails, recovers or is disabled: a connection such as `slack:ops`, a list of them, or channels and a recipient. Default: nobody; see the log and the metrics.',
		),
	breaker: z
		.strictObject({
			failures: z
				.int()
				.min(1)
				.default(breaker.failures)
				.describe('Failed requests in a row that open the breaker.'),
			probe_s: z
				.number()
				.min(0.1)
				.default(breaker.probeMs / 1000)
				.describe('Seconds between two probes.'),
		})
		.prefault({})
		.describe('Circuit breaker: an endpoint that fails gets only probes.'),
});
