import {
	contactSchema,
	jsonObjectSchema,
	DELIVERY_STATES,
	INCIDENT_STATUSES,
	DISABLED_REASONS,
	eventTypeSchema,
	feedEventSchema,
	forwardedEventSchema,
	NOTIFICATION_STATUSES,
	operationalEventSchema,
	onCallBodySchema,
	ownEventSchema,
	policySchema,
	PROFILE_IDS,
	REPORT_TYPES,
	SIGNATURE_INPUTS,
	sourceSchema,
	wantedTypeSchema,
	entryNameSchema,
	webhookTypeSchema,
} from '@sureping/engine';
import { z } from 'zod/v4';
import { DEAD_LETTER_KINDS } from '../store/contract/dead-letters.ts';
import { REPORT_STATES } from '../store/contract/reports.ts';
import { WEBHOOK_STATES } from '../store/contract/webhooks.ts';

// Answers of the API, for its description. Routes build the actual answers.

const time = z.iso.datetime();

export const problemSchema = z.object({
	type: z.string(),
	title: z.string(),
	status: z.int(),
	detail: z.string(),
	message: z.string(),
	errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

const error = z.object({ code: z.string(), message: z.string() });

const attempt = z.object({ at: time, latency_ms: z.number(), error: error.optional() });

/** The incident of a send with `escalation`. */
const incidentBriefSchema = z.object({
	id: z.string(),
	status: z.enum(INCIDENT_STATUSES),
	/** False where an incident with the same `dedup_key` was not over: nobody was paged. */
	opened: z.boolean(),
});

export const acceptedSchema = z.object({
	/** With `escalation`, the incident's first page: it is there once its step starts. */
	notification_id: z.string(),
	status: z.literal('queued'),
	deliveries: z.array(
		z.object({
			id: z.string(),
			channel: z.string(),
			recipient: z.string(),
			/** The contact whose address it is, where the send named one. */
			contact_id: z.string().optional(),
		}),
	),
	incident: incidentBriefSchema.optional(),
});

export const batchResultSchema = z.object({
	results: z.array(
		z.object({
			status: z.int(),
			notification_id: z.string().optional(),
			deliveries: acceptedSchema.shape.deliveries.optional(),
			incident: incidentBriefSchema.optional(),
			problem: problemSchema.optional(),
		}),
	),
});

export const notificationSchema = z.object({
	notification_id: z.string(),
	status: z.enum(NOTIFICATION_STATUSES),
	created_at: time,
	/** Complete, as is the subject. */
	message: z.string(),
	subject: z.string().optional(),
	source: sourceSchema.optional(),
	metadata: jsonObjectSchema,
	deliveries: z.array(
		z.object({
			id: z.string(),
			channel: z.string(),
			connection: z.string(),
			recipient: z.string(),
			/** The contact whose address it is, where the send named one. */
			contact_id: z.string().optional(),
			status: z.enum(DELIVERY_STATES),
			/** The service's own id of the message. */
			message_id: z.string().optional(),
			attempts: z.array(attempt),
		}),
	),
	events: z.array(ownEventSchema),
});

const nextCursor = z.string().optional();

export const notificationListSchema = z.object({
	notifications: z.array(
		z.object({
			notification_id: z.string(),
			status: z.enum(NOTIFICATION_STATUSES),
			created_at: time,
			channels: z.array(z.string()),
		}),
	),
	next_cursor: nextCursor,
});

export const eventPageSchema = z.object({
	events: z.array(feedEventSchema),
	next_cursor: z.string(),
});

export const endpointSchema = z.object({
	id: z.string(),
	name: z.string(),
	url: z.string(),
	profile: z.enum(PROFILE_IDS),
	events: z.array(wantedTypeSchema),
	default: z.boolean(),
	signature_input: z.enum(SIGNATURE_INPUTS),
	ack: z.enum(['2xx', 'strict-200']),
	batch: z.object({ max_events: z.int(), max_wait_ms: z.int() }).optional(),
	report_type: z.enum(REPORT_TYPES).optional(),
	/** The names of its own headers. Their values are not shown. */
	header_names: z.array(z.string()).optional(),
	rate_limit: z.object({ max: z.int(), window_s: z.number() }).optional(),
	/** Times until which the former secrets sign as well. */
	former_secrets_until: z.array(time).optional(),
	status: z.enum(['enabled', 'disabled']),
	disabled_reason: z.enum(DISABLED_REASONS).optional(),
	health: z.object({
		/** Requests in a row that failed. */
		consecutive_failures: z.int(),
		failing_since: time.optional(),
		/** Time before which nothing is sent: the endpoint asked for a pause, or gets only probes. */
		paused_until: time.optional(),
		breaker: z.enum(['closed', 'open']),
	}),
	created_at: time,
	expires_at: time.optional(),
});

export const newEndpointSchema = endpointSchema.extend({
	/** Absent where the profile does not sign. */
	secret: z.string().optional(),
});

export const endpointListSchema = z.object({ endpoints: z.array(endpointSchema) });

export const endpointTestSchema = z.object({
	ok: z.boolean(),
	status: z.int().optional(),
	latency_ms: z.number(),
	error: error.optional(),
});

export const webhookSchema = z.object({
	id: z.string(),
	event_id: z.string(),
	event: webhookTypeSchema,
	/** Absent on operational events. */
	notification_id: z.string().optional(),
	endpoint_id: z.string().optional(),
	callback_url: z.string().optional(),
	status: z.enum(WEBHOOK_STATES),
	attempts: z.array(attempt.extend({ status: z.int().optional() })),
	next_attempt_at: time.optional(),
});

/** With the start of the answers to its latest attempts. */
export const webhookDetailSchema = webhookSchema.extend({
	attempts: z.array(attempt.extend({ status: z.int().optional(), answer: z.string().optional() })),
});

export const operationalPageSchema = z.object({
	events: z.array(operationalEventSchema),
	next_cursor: z.string(),
});

export const deadLetterSchema = z.object({
	id: z.string(),
	kind: z.enum(DEAD_LETTER_KINDS),
	/** ID of the delivery, webhook or other work. */
	of: z.string(),
	reason: z.string(),
	created_at: time,
});

export const deadLetterListSchema = z.object({
	dead_letters: z.array(deadLetterSchema),
	next_cursor: nextCursor,
});

export const webhookListSchema = z.object({
	webhook_deliveries: z.array(webhookSchema),
	next_cursor: nextCursor,
});

export const reportSummarySchema = z.object({
	id: z.string(),
	status: z.enum(REPORT_STATES),
	provider: z.string(),
	connection: z.string(),
	event: eventTypeSchema,
	/** The provider's own, or one made from the facts that identify the event. */
	event_id: z.string(),
	provider_event: z.string().optional(),
	/** The provider's id of the message. */
	message_id: z.string(),
	channel: z.string().optional(),
	recipient: z.string().optional(),
	delivery_id: z.string().optional(),
	timestamp: time,
	received_at: time,
});

export const reportSchema = reportSummarySchema.extend({ report: forwardedEventSchema });

export const reportListSchema = z.object({
	reports: z.array(reportSummarySchema),
	next_cursor: nextCursor,
});

export const replaySchema = z.object({
	replay_id: z.string(),
	endpoint_id: z.string(),
	status: z.enum(['running', 'done', 'cancelled']),
	replayed: z.int(),
	total: z.int(),
	created_at: time,
});

export const connectionListSchema = z.object({
	connections: z.array(
		z.object({
			name: z.string(),
			channel: z.string(),
			recipient_required: z.boolean(),
			/** `paused`: the service asked to wait. `down`: it does not respond, and only probes are sent. */
			status: z.enum(['ok', 'paused', 'down']),
			/** End of the pause, or time of the next probe. */
			until: time.optional(),
		}),
	),
});

export const channelListSchema = z.object({
	channels: z.array(
		z.object({ id: z.string(), title: z.string(), connections: z.array(z.string()) }),
	),
});

const source = z
	.enum(['config', 'api'])
	.describe('`config`: it is in the config file, and only changes there.');

export const contactAnswerSchema = z.object({ ...contactSchema.shape, source });

const duty = {
	/** Ids of contacts; none where nobody is on call. */
	who: z.array(z.string()),
	/** The reason why nobody is, in words. */
	nobody: z.string().optional(),
	/** A fault that did not prevent the answer, such as a calendar that cannot be read. */
	warning: z.string().optional(),
};

export const onCallAnswerSchema = z.object({
	name: entryNameSchema,
	...onCallBodySchema.shape,
	source,
	now: z.object(duty).optional().describe('Contacts on call at this moment.'),
	next: z
		.object({ at: time, ...duty })
		.optional()
		.describe(
			'The next change of who is on call. Absent where nothing changes at the next 30 handovers, window edges, shifts and overrides.',
		),
});

export const policyAnswerSchema = z.object({ ...policySchema.shape, source });
