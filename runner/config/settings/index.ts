/**
 * Every setting of the runner, declared once: type, bounds, default, unit and description. The checks of a config file,
 * `config.schema.json`, `sureping.example.yaml` and `docs/runner/configuration.md` all come from here.
 *
 * A description's first sentence says what the setting is, with its unit. Where leaving the setting out means something
 * that no value expresses, the last sentence begins with "Default:". `examples` fill the example file.
 *
 * @module
 */
import {
	contactSchema,
	DEFAULT_RETRY,
	onCallSchema,
	policySchema,
	retryRulesSchema,
} from '@sureping/engine';
import { z } from 'zod/v4';
import { isPostgres } from '../../store/postgres/db/url.ts';
import { apiKeySchema } from './api-keys.ts';
import { backpressureSchema } from './backpressure.ts';
import { connectionSchema } from './connections.ts';
import { endpointSchema } from './endpoints.ts';
import { inboundSchema } from './inbound.ts';
import { rateLimitSchema } from './rate-limit.ts';
import { retentionSchema } from './retention.ts';
import { securitySchema } from './security.ts';
import { webhookHealthSchema } from './webhook-health.ts';

export { type Quota, type Scope, SCOPES } from './api-keys.ts';
export type { BackpressureSettings } from './backpressure.ts';
export { CONNECTION_FIELDS, limitFields } from './connections.ts';
export {
	endpointFields,
	type EndpointSettings,
	MOST_TYPES,
	refuseForProfile,
} from './endpoints.ts';
export { GENERIC_DEFAULTS, genericRulesSchema, toSnake } from './generic-provider.ts';
export type { InboundSettings } from './inbound.ts';
export type { RateLimit } from './rate-limit.ts';

const NO_KEYS =
	'is needed: at least one key, such as [{ name: n8n, key: <at least 16 characters> }]';

export const configSchema = z.strictObject({
	public_url: z
		.url({
			protocol: /^https?$/,
			error: 'must be the http or https URL that others reach the runner at',
		})
		.optional()
		.meta({
			description:
				'URL at which others reach the runner, for links, callbacks and signed URLs. Default: none; needed where a provider signs the URL that it calls.',
			examples: ['https://ping.example.com'],
		}),
	store: z
		.string()
		.regex(
			/^(sqlite:.+|postgres(ql)?:\/\/.+)/,
			'must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE',
		)
		.refine((text) => !isPostgres(text) || URL.canParse(text), 'must be a URL after postgres://')
		.optional()
		.meta({
			description:
				'Database: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`. Default: the file `sureping.db` in `--data-dir`.',
			examples: ['sqlite:./data/sureping.db'],
		}),
	api_keys: z
		.array(apiKeySchema, { error: ({ input }) => (input === undefined ? NO_KEYS : undefined) })
		.min(1, NO_KEYS)
		.describe('Keys that may call the API; at least one.'),
	connections: z
		.array(connectionSchema)
		.default([])
		.describe('Accounts to send through. The first connection of a channel is its default.'),
	endpoints: z
		.array(endpointSchema)
		.default([])
		.describe('URLs that receive webhooks about what happens to notifications.'),
	inbound: z
		.array(inboundSchema)
		.default([])
		.describe('Providers that may report at `/inbound/{provider}/{connection}`.'),
	contacts: z.array(contactSchema).default([]).describe('People who can be told and paged.'),
	on_call: z
		.array(onCallSchema)
		.default([])
		.describe('Rotations of contacts, or calendars, that say who is on call.'),
	policies: z
		.array(policySchema)
		.default([])
		.describe('Escalation policies: who is paged, and when, until somebody answers.'),
	security: securitySchema
		.prefault({})
		.describe('Hosts that the runner answers to, and addresses that API callers may name.'),
	rate_limit: rateLimitSchema
		.default({ max: 600_000, window_s: 60 })
		.describe(
			'Requests of each API key. The default is high: it is only there to stop a workflow that starts itself.',
		),
	backpressure: backpressureSchema
		.prefault({})
		.describe(
			'Limits above which new sends are refused with 429, so that accepted ones can be delivered.',
		),
	retry: retryRulesSchema.optional().meta({
		description: 'Retry rules of deliveries.',
		default: {
			delays_s: DEFAULT_RETRY.delaysMs.map((ms) => ms / 1000),
			jitter: DEFAULT_RETRY.jitter,
			timeout_s: DEFAULT_RETRY.timeoutMs / 1000,
		},
	}),
	webhook_retry: retryRulesSchema
		.optional()
		.describe("Retry rules of webhooks. Default: each profile's own schedule."),
	webhook_health: webhookHealthSchema
		.prefault({})
		.describe('Consequences for an endpoint that fails.'),
	loop_limit: z
		.int()
		.min(0)
		.max(1_000)
		.default(5)
		.describe(
			"Sends that may follow from each other's events (`in_reply_to`) before one is refused.",
		),
	events: z
		.strictObject({
			include_message: z
				.boolean()
				.default(true)
				.describe('Includes the subject and the message of a notification in its events.'),
		})
		.prefault({})
		.describe('Content of events.'),
	retention: retentionSchema
		.prefault({})
		.describe('Retention of data. Pending data is never removed.'),
	log_level: z
		.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
		.default('info')
		.describe('Least severe level that is logged.'),
});
export type ConfigFile = z.infer<typeof configSchema>;
