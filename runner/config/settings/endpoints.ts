import {
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
	withMaxMembers,
} from '@sureping/engine';
import { z } from 'zod/v4';
import { nameSchema } from './names.ts';
import { rateLimitSchema } from './rate-limit.ts';

/** Longest list of event types; there are fewer types. */
export const MOST_TYPES = 100;

/** The settings of an endpoint, in the config file and over the API. */
export const endpointFields = {
	name: nameSchema.meta({
		description:
			'Name of the endpoint. The runner recognises an endpoint of the config file by it.',
		examples: ['audit'],
	}),
	url: z
		.url('must be an absolute URL')
		.max(2048)
		.meta({
			description: 'URL that receives the webhooks.',
			examples: ['https://example.com/events'],
		}),
	profile: z
		.enum(PROFILE_IDS)
		.default('sureping')
		.describe('Format of the webhooks: payload, headers, signature and retry schedule.'),
	events: z
		.array(wantedTypeSchema)
		.min(1)
		.max(MOST_TYPES)
		.optional()
		.meta({
			description:
				"Event types to send. `*` stands for all types of the feed, later ones included. Default: the profile's.",
			examples: [['notification.failed', 'notification.undelivered']],
		}),
	default: z
		.boolean()
		.default(false)
		.describe(
			'Marks a default endpoint: it gets the events only of sends that name no `callback_url`.',
		),
	signature_input: z
		.enum(SIGNATURE_INPUTS)
		.default('timestamped')
		.describe("Bytes that the signature covers, for the profiles with One-Ping's signature."),
	ack: z
		.enum(['2xx', 'strict-200'])
		.default('2xx')
		.describe('Answers that acknowledge a webhook: any 2xx, or 200 alone.'),
	retry: z
		.union([z.boolean(), retryRulesSchema])
		.optional()
		.describe(
			'Retry rules of its webhooks. `false` makes a single attempt. Default: `webhook_retry`.',
		),
	batch: z
		.strictObject({
			max_events: z
				.int()
				.min(1)
				.max(1000)
				.meta({ description: 'Most events in one request.', examples: [100] }),
			max_wait_ms: z
				.int()
				.min(0)
				.max(60_000)
				.meta({
					description: 'Milliseconds that the first event of a request waits for others.',
					examples: [1000],
				}),
		})
		.optional()
		.describe(
			'Several events in one request, for the profiles `sureping` and `one-ping`. Default: one event per request.',
		),
	headers: withMaxMembers(
		MOST_HEADERS,
		z.record(z.string(), z.string()).superRefine((headers, context) => {
			for (const { name: header, message } of refuseHeaders(headers)) {
				context.addIssue({ code: 'custom', path: header === '' ? [] : [header], message });
			}
		}),
	)
		.optional()
		.meta({
			description:
				'Headers of every request. The API shows their names, never their values. Default: none.',
			examples: [{ 'X-Source': 'sureping' }],
		}),
	// Each request of a window is remembered, so fewer than an API key's.
	rate_limit: rateLimitSchema
		.extend({
			max: z
				.int()
				.min(1)
				.max(10_000)
				.meta({ description: 'Requests allowed in each window.', examples: [100] }),
		})
		.optional()
		.describe('Rate limit of its webhooks; those above it wait. Default: no limit.'),
	report_type: z
		.enum(REPORT_TYPES)
		.optional()
		.meta({
			description:
				"OTPIQ's report type, for the profile `otpiq`: `final` leaves out `notification.sent`. Default: `all`.",
			examples: ['final'],
		}),
};

/** Settings of an endpoint that its profile does not allow. */
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

export const endpointSchema = z
	.strictObject({
		...endpointFields,
		secret: z
			.string()
			.min(16, 'must have at least 16 characters')
			.optional()
			.meta({
				description:
					'Secret that signs the webhooks. Default: none; most profiles need one, `otpiq` may have one, `notificationapi` must not.',
				examples: ['${AUDIT_SECRET}'],
			}),
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
export type EndpointSettings = z.infer<typeof endpointSchema>;
