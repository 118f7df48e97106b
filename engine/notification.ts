import { z } from 'zod/v4';
import { type Source, sourceSchema } from './about.ts';
import { jsonObjectSchema } from './json-object.ts';
import { nestsDeeper } from './depth.ts';
import type { DeliveryError } from './errors.ts';
import type { OverallType } from './event.ts';
import { atMostMembers } from './lengths.ts';
import type { RetryPolicy } from './retry.ts';
import { HEADER_SECRET, REPORT_TYPES } from './report-type.ts';

/** A channel by name (`slack`), or one of its connections (`slack:ops-slack`). */
export const channelTargetSchema = z
	.string()
	.regex(
		/^[a-z][a-z0-9_]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?$/,
		'must be a channel such as "slack", or a channel and a connection such as "slack:ops-slack"',
	);

const WEEK_S = 7 * 24 * 3600;

/** Retry rules as they are written in config files and requests: seconds, decimals allowed. */
export const retryRulesSchema = z.strictObject({
	delays_s: z
		.array(z.number().min(0).max(WEEK_S))
		.max(20)
		.optional()
		.meta({
			description:
				'Seconds to wait after each failed attempt; n waits make n + 1 attempts. Default: inherited.',
			examples: [[15, 60, 300]],
		}),
	jitter: z
		.number()
		.min(0)
		.max(1)
		.optional()
		.meta({
			description:
				'Share of each wait, 0 to 1, by which it is randomly shortened or lengthened. Default: inherited.',
			examples: [0.1],
		}),
	timeout_s: z
		.number()
		.positive()
		.max(120)
		.optional()
		.meta({
			description: 'Seconds that an attempt may take. Default: inherited.',
			examples: [10],
		}),
});
export type RetryRules = z.infer<typeof retryRulesSchema>;

const DEEPEST_METADATA = 64;

/** Upper limit, far above the number of channels. */
const MOST_ADDRESSES = 100;

const addressesSchema = atMostMembers(
	MOST_ADDRESSES,
	z.record(z.string(), z.string().min(1).max(512)),
);

/** The body of `POST /send`. */
export const sendRequestSchema = z.strictObject({
	message: z.string().regex(/\S/, 'must not be empty'),
	channels: z.array(channelTargetSchema).min(1, 'must name at least one channel').max(20),
	recipient: z
		.union([z.string().min(1).max(512), addressesSchema], {
			error: 'must be an address, or an object with an address per channel',
		})
		.optional(),
	subject: z.string().min(1).max(998).optional(),
	metadata: jsonObjectSchema
		.refine(
			(value) => !nestsDeeper(value, DEEPEST_METADATA),
			`must not nest deeper than ${DEEPEST_METADATA} levels`,
		)
		.optional(),
	callback_url: z.url('must be an absolute URL').max(2048).optional(),
	/** OTPIQ's object, spelt as in its own API (https://docs.otpiq.com/essentials/how-webhook-works). */
	delivery_report: z
		.strictObject({
			webhookUrl: z.url('must be an absolute URL').max(2048),
			deliveryReportType: z.enum(REPORT_TYPES).default('all'),
			webhookSecret: z
				.string()
				.max(512)
				.regex(HEADER_SECRET, 'must be printable ASCII without spaces')
				.optional(),
		})
		.optional(),
	retry: z
		.union([z.boolean(), retryRulesSchema], {
			error: 'must be true, false or an object of delays_s, jitter and timeout_s',
		})
		.optional(),
	fallback_channels: z.array(channelTargetSchema).max(20).optional(),
	send_at: z.iso.datetime({ offset: true }).optional(),
	expires_at: z.iso.datetime({ offset: true }).optional(),
	priority: z.enum(['critical', 'normal']).optional(),
	/** The origin of the send; events repeat it. */
	source: sourceSchema.optional(),
	/** The id of the event that the send follows from. */
	in_reply_to: z.string().min(1).max(255).optional(),
	idempotency_key: z.string().min(1).max(256).optional(),
});
export type SendRequest = z.infer<typeof sendRequestSchema>;

export const NOTIFICATION_STATUSES = [
	'queued',
	'in_progress',
	'delivered',
	'failed',
	'cancelled',
] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

export const DELIVERY_STATES = [
	'queued',
	'sending',
	'retrying',
	'sent',
	'delivered',
	'failed',
	'bounced',
	'cancelled',
	'expired',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Nothing follows these states. */
export const FINAL_STATES: ReadonlySet<DeliveryState> = new Set([
	'delivered',
	'failed',
	'bounced',
	'cancelled',
	'expired',
]);

/** Rules for a connection whose service reports the final state of a message later. */
export interface ReportRules {
	/** Longest wait for the final report; milliseconds. */
	readonly timeoutMs: number;
	/** The state of a message whose report never came. */
	readonly otherwise: 'delivered' | 'failed';
	/** The URL for reports, where the service takes it with every message. */
	readonly url?: string;
}

/** Destination and retry policy of a delivery; fixed when the notification is accepted. */
export interface Target {
	readonly channel: string;
	readonly connection: string;
	/** The address, or the connection's name where the connection itself is the address. */
	readonly recipient: string;
	/** The contact whose address it is, where the send named one. */
	readonly contactId?: string;
	readonly policy: RetryPolicy;
	/** Present where acceptance by the service is not the end: its report is. */
	readonly report?: ReportRules;
}

/** One try of a delivery. Times in milliseconds since 1970. */
export interface Attempt {
	readonly at: number;
	readonly latencyMs: number;
	readonly error?: DeliveryError;
}

export interface Delivery extends Target {
	readonly id: string;
	readonly role: 'primary' | 'fallback';
	readonly state: DeliveryState;
	readonly attempts: readonly Attempt[];
	/** Start of the next attempt, or end of the wait for a report (`sent`); present while one of them is owed. */
	readonly dueAt?: number;
	/** The service's own id of the message, which its reports name. */
	readonly messageId?: string;
	/** The party that confirms `delivered`. A service's confirmation can still be revoked by a bounce. */
	readonly confirmation?: 'service' | 'device';
	/** The reason for its end without success, where that is not the error of its last attempt: see `failureOf`. */
	readonly error?: DeliveryError;
	/** The number of the delivery's newest event; the first is 1. */
	readonly sequence: number;
}

/** A notification with all its deliveries: the whole state from which the next step is decided. */
export interface Notification {
	readonly id: string;
	readonly createdAt: number;
	readonly message: string;
	readonly subject?: string | undefined;
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly source?: Source | undefined;
	/** The incident that it is a page of; its recipients can answer it. */
	readonly incidentId?: string | undefined;
	/** Length of the chain of sends that led to this one, each following from an event of the one before. */
	readonly depth: number;
	readonly priority: 'critical' | 'normal';
	readonly sendAt?: number | undefined;
	readonly expiresAt?: number | undefined;
	/** Its events about no single delivery so far, in order; each type occurs once. */
	readonly published: readonly OverallType[];
	/** In the order in which they were listed, primaries first, each fallback after the failure that started it. */
	readonly deliveries: readonly Delivery[];
	/** Fallbacks not yet used, next first. */
	readonly fallbacks: readonly Target[];
}

export function isFinal(delivery: Delivery): boolean {
	return FINAL_STATES.has(delivery.state);
}

/** The reason for which a delivery ended without success. */
export function failureOf({ error, attempts, state }: Delivery): DeliveryError {
	return (
		error ??
		attempts.at(-1)?.error ?? {
			code: state === 'expired' ? 'EXPIRED' : 'NOT_DELIVERED',
			message: 'The reason was not kept',
		}
	);
}

/**
 * `delivered` as soon as one delivery is; `failed` when every one failed and no fallback is left; `cancelled` when a
 * caller stopped it.
 */
export function statusOf(notification: Notification): NotificationStatus {
	const { deliveries, fallbacks } = notification;
	if (deliveries.some(({ state }) => state === 'delivered')) return 'delivered';
	if (deliveries.every(isFinal) && fallbacks.length === 0) {
		return deliveries.some(({ state }) => state === 'cancelled') ? 'cancelled' : 'failed';
	}
	return deliveries.some(({ attempts }) => attempts.length > 0) ? 'in_progress' : 'queued';
}
