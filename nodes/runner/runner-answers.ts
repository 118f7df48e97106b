import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod/v4';
import { jsonObjectSchema } from '../../engine/json-object.ts';

const errorSchema = z.object({ code: z.string(), message: z.string() });

const batchResultSchema = z.object({
	status: z.number(),
	notification_id: z.string().optional(),
	deliveries: z
		.array(z.object({ id: z.string(), channel: z.string(), recipient: z.string() }))
		.default([]),
	/** Of a send with an escalation policy. */
	incident: z.object({ id: z.string(), status: z.string(), opened: z.boolean() }).optional(),
	/** The problem document that `POST /send` would have answered this send with. */
	problem: z.unknown(),
});
export type BatchResult = z.infer<typeof batchResultSchema>;

/** The answer of `POST /send/batch` (200); its results are in the order of the sends. */
export const batchSchema = z.object({ results: z.array(batchResultSchema) });

/** 200 of `GET /notifications/{id}` and of cancelling it. */
export const notificationSchema = z.object({
	notification_id: z.string(),
	status: z.string(),
	created_at: z.string(),
	metadata: jsonObjectSchema,
	deliveries: z.array(
		z.object({
			id: z.string(),
			channel: z.string(),
			connection: z.string(),
			recipient: z.string(),
			status: z.string(),
			attempts: z.array(
				z.object({ at: z.string(), latency_ms: z.number(), error: errorSchema.optional() }),
			),
		}),
	),
	events: z.array(jsonObjectSchema),
});

/** 200 of `GET /notifications`. */
export const notificationListSchema = z.object({
	notifications: z.array(z.looseObject({ notification_id: z.string() })),
	next_cursor: z.string().nullish(),
});

/** 200 of the answers to an incident. A key without the scope `read` gets only these members. */
export const incidentSchema = z.looseObject({ id: z.string(), status: z.string() });

/** 200 of the answers by deduplication key. */
export const keyAnswerSchema = z.object({
	matched: z.number(),
	incidents: z.array(incidentSchema).default([]),
});

/** 200 of `GET /incidents`. */
export const incidentListSchema = z.object({
	incidents: z.array(
		z.object({
			id: z.string(),
			status: z.string(),
			message: z.string(),
			subject: z.string().optional(),
			dedup_key: z.string().optional(),
		}),
	),
});

/** 200 of `GET /policies`. */
export const policiesSchema = z.object({ policies: z.array(z.object({ name: z.string() })) });

/** 200 of `GET /contacts`. */
export const contactsSchema = z.object({
	contacts: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** 200 of `GET /on-call`. */
export const onCallsSchema = z.object({ on_call: z.array(z.object({ name: z.string() })) });

/** 200 of `GET /connections`. */
export const connectionsSchema = z.object({
	connections: z.array(z.object({ name: z.string(), channel: z.string() })),
});

/** 200 of `GET /channels`. */
export const channelsSchema = z.object({
	channels: z.array(z.object({ id: z.string(), title: z.string() })),
});

/** 200 of `GET /endpoints/{id}`, and of the calls that change an endpoint. */
export const endpointSchema = z.object({
	id: z.string(),
	name: z.string(),
	url: z.string(),
	events: z.array(z.string()),
	/** Absent when each event has its own request. */
	batch: z.object({ max_events: z.number() }).optional(),
	status: z.enum(['enabled', 'disabled']),
});
/** 201 of `POST /endpoints`, 200 of `POST /endpoints/{id}/rotate-secret`. */
export const newEndpointSchema = endpointSchema.extend({ secret: z.string().min(1) });

/** The member with the sender's own data, whose names must not change. */
const METADATA = 'metadata';

/** Renames the API's members for n8n items: `notification_id` becomes `notificationId`, at every depth but in metadata. */
export function camelCased(value: Readonly<Record<string, unknown>>): IDataObject {
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [
			name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
			name === METADATA ? asData(member) : camelCasedValue(member),
		]),
	);
}

function camelCasedValue(value: unknown): IDataObject[string] {
	if (Array.isArray(value)) return value.map(camelCasedValue) as IDataObject[]; // IDataObject's own arrays are homogeneous
	return isObject(value) ? camelCased(value) : asData(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parsed JSON always fits into an item, which the type checker cannot know. */
function asData(value: unknown): IDataObject[string] {
	return value as IDataObject[string];
}
