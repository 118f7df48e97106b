import {
	DEFAULT_HEALTH_RULES,
	MOST_HEADERS,
	PROFILE_IDS,
	type ProfileId,
	PROFILES,
	refuseHeaders,
	REPORT_TYPES,
	type ReportType,
	retryRulesSchema,
	SIGNATURE_INPUTS,
	wantedTypeSchema,
	withMost,
} from '@sureping/engine';
import ipaddr from 'ipaddr.js';
import { z } from 'zod/v4';
import { canonicalHost } from '../transport/host-name.ts';
import { isPostgres } from '../store/postgres/db/url.ts';
import { inboundFields } from './inbound.ts';
import { limitFields } from './limits.ts';
import { quotaSchema } from './quota.ts';

/** What keys may do; `admin` is all of it. */
export const SCOPES = [
	'send',
	'read',
	'endpoints',
	'manage',
	'respond',
	'check_in',
	'mcp',
	'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

const name = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, ".", "_" or "-"');

/** At most `max` requests in any window of `window_s` seconds. */
const rateLimitSchema = z.strictObject({
	max: z.int().min(1),
	window_s: z.number().min(0.1).max(86_400),
});

const apiKeySchema = z
	.strictObject({
		name,
		/** As it goes into an `Authorization` header (RFC 6750 §2.1). */
		key: z
			.string()
			.min(16, 'must have at least 16 characters')
			.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')
			.optional(),
		key_sha256: z
			.string()
			.regex(/^[0-9a-f]{64}$/i, 'must be the hex SHA-256 of the key')
			.optional(),
		scopes: z.array(z.enum(SCOPES)).min(1).default(['send', 'read']),
		/** Signs the webhooks of sends that name a `callback_url`. */
		webhook_secret: z.string().min(16, 'must have at least 16 characters').optional(),
		/** Instead of the one for all keys. */
		rate_limit: rateLimitSchema.optional(),
		/** Notifications that it may send in a day or a month, UTC. */
		quota: quotaSchema.optional(),
	})
	.refine(({ key, key_sha256 }) => (key === undefined) !== (key_sha256 === undefined), {
		error: 'needs either key or key_sha256',
	});

/** The fields of every connection; the others belong to its channel, which checks them. */
const connectionSchema = z.looseObject({
	name,
	channel: z.string(),
	retry: z.union([z.boolean(), retryRulesSchema]).optional(),
	...limitFields,
});

/** More than there are types of events. */
export const MOST_TYPES = 100;

/** The settings that every connection may have. */
export const CONNECTION_FIELDS: readonly string[] = Object.keys(connectionSchema.shape);

/** What an endpoint may say about itself, in the config file and over the API. */
export const endpointFields = {
	name,
	url: z.url('must be an absolute URL').max(2048),
	profile: z.enum(PROFILE_IDS).default('sureping'),
	/** Without it, those of the profile at the time; `*` are all of them, also later ones. */
	events: z.array(wantedTypeSchema).min(1).max(MOST_TYPES).optional(),
	default: z.boolean().default(false),
	signature_input: z.enum(SIGNATURE_INPUTS).default('timestamped'),
	ack: z.enum(['2xx', 'strict-200']).default('2xx'),
	retry: z.union([z.boolean(), retryRulesSchema]).optional(),
	/** Several events in one request: as many as these, or what came within this time. */
	batch: z
		.strictObject({
			max_events: z.int().min(1).max(1000),
			max_wait_ms: z.int().min(0).max(60_000),
		})
		.optional(),
	/** Go with every request. Their values are not shown again. */
	headers: withMost(
		MOST_HEADERS,
		z.record(z.string(), z.string()).superRefine((headers, context) => {
			for (const { name: header, message } of refuseHeaders(headers)) {
				context.addIssue({ code: 'custom', path: header === '' ? [] : [header], message });
			}
		}),
	).optional(),
	/** Requests; more wait. Each remembered, so fewer than an API key's. */
	rate_limit: rateLimitSchema.extend({ max: z.int().min(1).max(10_000) }).optional(),
	/** OTPIQ's `deliveryReportType`. */
	report_type: z.enum(REPORT_TYPES).optional(),
};

/** What an endpoint's profile does not allow of its settings. */
export function refuseForProfile(
	profile: ProfileId,
	{ batch, report_type }: { batch?: unknown; report_type?: ReportType | undefined },
): { path: string; message: string }[] {
	return [
		...(batch && !PROFILES[profile].batches
			? [{ path: 'batch', message: `${profile} has no requests with several events` }]
			: []),
		...(report_type !== undefined && profile !== 'otpiq'
			? [{ path: 'report_type', message: `${profile} has no report types; otpiq has` }]
			: []),
	];
}

const endpointSchema = z
	.strictObject({
		...endpointFields,
		/** May be left out where the profile does not sign. */
		secret: z.string().min(16, 'must have at least 16 characters').optional(),
	})
	.superRefine(({ secret, ...settings }, context) => {
		const { profile } = settings;
		const { secret: need, refuseSecret } = PROFILES[profile];
		const secretProblem =
			secret === undefined
				? need === 'required' && `is needed: ${profile} signs with it`
				: need === 'none'
					? `must be left out: ${profile} does not sign`
					: refuseSecret?.(secret);
		const problems = [
			...refuseForProfile(profile, settings),
			...(secretProblem ? [{ path: 'secret', message: secretProblem }] : []),
		];
		for (const { path, message } of problems) {
			context.addIssue({ code: 'custom', path: [path], message });
		}
	});

/** Seconds, or null for never. */
const keptSchema = z.number().min(1).nullable();
const MONTH_S = 30 * 24 * 3600;

const retentionSchema = z.strictObject({
	events_s: keptSchema.default(MONTH_S),
	notifications_s: keptSchema.default(MONTH_S),
	webhook_deliveries_s: keptSchema.default(MONTH_S),
	/** What a disabled endpoint is owed. */
	held_s: keptSchema.default(3 * MONTH_S),
	reports_s: keptSchema.default(MONTH_S),
});

const { disableAfterMs = 0, warnAfterMs, breaker } = DEFAULT_HEALTH_RULES;

const noticeSchema = z.union([
	z.string().transform((channel) => ({ channels: [channel] })),
	z
		.array(z.string())
		.min(1)
		.transform((channels) => ({ channels })),
	z.strictObject({
		channels: z.array(z.string()).min(1),
		recipient: z.union([z.string(), z.record(z.string(), z.string())]),
	}),
]);

const webhookHealthSchema = z.strictObject({
	/** Seconds of failing; null for never. */
	disable_after_s: z
		.number()
		.min(1)
		.nullable()
		.default(disableAfterMs / 1000),
	warn_after_s: z
		.array(z.number().min(0))
		.max(10)
		.default(warnAfterMs.map((ms) => ms / 1000)),
	/** Where the operator is told: connections as a send names its channels. */
	notify: noticeSchema.optional(),
	breaker: z
		.strictObject({
			failures: z.int().min(1).default(breaker.failures),
			probe_s: z
				.number()
				.min(0.1)
				.default(breaker.probeMs / 1000),
		})
		.prefault({}),
});

const inboundSchema = z.strictObject({ connection: name, ...inboundFields });

const hostSchema = z
	.string()
	.refine(
		(text) => /^[\w.:[\]-]+$/.test(canonicalHost(text) ?? ''),
		'must be a host name or an address, without a scheme and a port',
	);

const networkSchema = z
	.string()
	.refine((text) => ipaddr.isValidCIDR(text), 'must be a network such as 10.0.0.0/8');

/** When sends are refused with 429, so that what was accepted can be kept. Twice as late for critical ones. */
const doorSchema = z.strictObject({
	/** Deliveries that wait. */
	max_pending: z.int().min(1).default(10_000_000),
	/** Of the file system that the database is on. */
	min_free_disk_mb: z.int().min(0).default(200),
	/** Requests under way that hold sends, and their bodies together. */
	max_requests: z.int().min(1).default(2_000),
	max_request_mb: z.int().min(11).default(256),
	/** Endpoints that were made over the API. */
	max_endpoints: z.int().min(0).default(100),
});

const NO_KEYS =
	'is needed: at least one key, such as [{ name: n8n, key: <at least 16 characters> }]';

export const configSchema = z.strictObject({
	public_url: z
		.url({
			protocol: /^https?$/,
			error: 'must be the http or https URL that others reach the runner at',
		})
		.optional(),
	/** A PostgreSQL URL holds a password: it is never shown again. */
	store: z
		.string()
		.regex(
			/^(sqlite:.+|postgres(ql)?:\/\/.+)/,
			'must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE',
		)
		.refine((text) => !isPostgres(text) || URL.canParse(text), 'must be a URL after postgres://')
		.optional(),
	api_keys: z
		.array(apiKeySchema, { error: ({ input }) => (input === undefined ? NO_KEYS : undefined) })
		.min(1, NO_KEYS),
	connections: z.array(connectionSchema).default([]),
	endpoints: z.array(endpointSchema).default([]),
	/** Who may report to `/inbound/{provider}/{connection}`. */
	inbound: z.array(inboundSchema).default([]),
	security: z
		.strictObject({
			/** Names that the runner answers to, besides that of `public_url`, addresses, `localhost` and names without a dot. */
			hosts: z.array(hostSchema).default([]),
			allow_http: z.boolean().default(false),
			allow_hosts: z.array(hostSchema).default([]),
			allow_networks: z.array(networkSchema).default([]),
		})
		.prefault({}),
	/** Per API key. Generous: it stops what runs wild, such as a workflow that starts itself. */
	rate_limit: rateLimitSchema.default({ max: 600_000, window_s: 60 }),
	backpressure: doorSchema.prefault({}),
	retry: retryRulesSchema.optional(),
	webhook_retry: retryRulesSchema.optional(),
	webhook_health: webhookHealthSchema.prefault({}),
	/** How many sends may follow from each other's events before one is refused. */
	loop_limit: z.int().min(0).max(1_000).default(5),
	/** What events repeat of their notification. */
	events: z.strictObject({ include_message: z.boolean().default(true) }).prefault({}),
	/** How long what has ended is kept. */
	retention: retentionSchema.prefault({}),
	log_level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type DoorSettings = z.infer<typeof doorSchema>;
export type RateLimit = z.infer<typeof rateLimitSchema>;
export type ConfigFile = z.infer<typeof configSchema>;
export type InboundSettings = z.infer<typeof inboundSchema>;
export type EndpointSettings = z.infer<typeof endpointSchema>;
