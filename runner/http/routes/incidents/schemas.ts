import {
	INCIDENT_STATUSES,
	jsonObjectSchema,
	policyBodySchema,
	sourceSchema,
} from '@sureping/engine';
import { z } from 'zod/v4';
import { pageFields } from '../../paging.ts';

// Requests of the calls about incidents, and their answers for the description of the API.

const time = z.iso.datetime();

/** Longest deduplication key, as of a send. */
const MOST_KEY = 255;
const MOST_NAME = 255;
const MOST_NOTE = 1_000;

/** Text that reads as it is written: it moves no cursor, forges no line and changes no direction (CVE-2021-42574). */
const name = z
	.string()
	.max(MOST_NAME)
	.regex(/\S/, 'must not be empty')
	.regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, 'must be printable text on one line');

const note = z
	.string()
	.max(MOST_NOTE)
	.regex(/\S/, 'must not be empty')
	.regex(/^[^\p{Bidi_Control}]*$/u, 'must not hold characters that change the direction of text')
	.refine((text) => !/[^\P{Cc}\t\n\r]/u.test(text), 'must not hold control characters');

const answerFields = {
	by: name.optional().describe('The id of a contact, or any name. Default: the API key.'),
	note: note.optional().describe('A remark for the audit trail and the event.'),
};

const dedupKey = z.string().min(1).max(MOST_KEY);

export const answerBodySchema = z.strictObject(answerFields).optional();

export const keyAnswerBodySchema = z.strictObject({
	dedup_key: dedupKey.describe('The key that the send of the incident had.'),
	...answerFields,
});

export const incidentListQuerySchema = z.strictObject({
	...pageFields,
	status: z.enum(INCIDENT_STATUSES).optional(),
	dedup_key: dedupKey.optional(),
});

const answerSchema = z.object({
	at: time,
	by: z.string().optional(),
	via: z.string(),
	/** The channel whose message held the link or button. */
	via_channel: z.string().optional(),
	note: z.string().optional(),
});

const place = {
	/** From 1; 0 before the first step, and for the channels of the send itself. */
	step: z.int(),
	/** Rounds of all steps before. */
	round: z.int(),
};

const partyFields = {
	contact_id: z.string().optional(),
	/** The on-call through which the contact was found. */
	on_call: z.string().optional(),
	channels: z.array(z.string()),
};

const briefFields = {
	id: z.string(),
	/** The notification of its first page, which may still have to be made. */
	notification_id: z.string(),
	dedup_key: z.string().optional(),
	status: z.enum(INCIDENT_STATUSES),
	/** Absent where the send held the policy itself. */
	policy: z.string().optional(),
	...place,
	opened_at: time,
	/** Time at which it was resolved or cancelled. */
	ended_at: time.optional(),
	subject: z.string().optional(),
	/** Sends with its key after the one that opened it. */
	triggers: z.int(),
	/** The next step, or the end, unless somebody answers. */
	next: z.object({ kind: z.enum(['step', 'exhausted']), at: time, ...place }).optional(),
	/** Time at which an acknowledged one opens again, unless it is resolved. */
	acknowledged_until: time.optional(),
	/** Time at which it resolves by itself. */
	resolves_at: time.optional(),
	/** Time after which nobody is paged. */
	expires_at: time.optional(),
};

export const listedIncidentSchema = z.object({
	...briefFields,
	/** The start of the message. */
	message: z.string(),
	/** The newest of its answers since it opened. */
	last_answer: answerSchema.optional(),
});

export const incidentListSchema = z.object({
	incidents: z.array(listedIncidentSchema),
	next_cursor: z.string().optional(),
});

export const incidentSchema = z.object({
	...briefFields,
	/** The keeper of its deduplication key, such as `key:n8n`. */
	owner: z.string(),
	/** Complete, as is the subject. */
	message: z.string(),
	metadata: jsonObjectSchema,
	source: sourceSchema.optional(),
	priority: z.enum(['critical', 'normal']),
	/** Acknowledgements since it opened, or opened again. */
	answers: z.array(answerSchema),
	/** Contacts whose answer is still missing, where a step wants all of them. */
	waiting_for: z.array(z.string()),
	/** Pages that wait for a contact's rule, or for quiet hours to end. */
	pending: z.array(z.object({ at: time, ...place, ...partyFields })),
	/** Notifications of its steps. */
	pages: z.array(z.object({ notification_id: z.string(), at: time, ...place, ...partyFields })),
	/** Everything that happened, the oldest first. */
	trail: z.array(
		z.object({
			at: time,
			action: z.string(),
			step: z.int().optional(),
			round: z.int().optional(),
			by: z.string().optional(),
			via: z.string().optional(),
			via_channel: z.string().optional(),
			note: z.string().optional(),
		}),
	),
	/** The policy as it was when the incident opened: later changes of it do not count. */
	policy_at_opening: policyBodySchema,
});

/** An incident as a key without the scope `read` sees it. */
export const answeredSchema = incidentSchema.pick({ id: true, dedup_key: true, status: true });

export const keyAnswerSchema = z.object({
	/** Incidents with this key that were not over. */
	matched: z.int(),
	incidents: z.array(z.union([incidentSchema, answeredSchema])).optional(),
});
