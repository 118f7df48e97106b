import { type IDataObject, type IHookFunctions, NodeApiError } from 'n8n-workflow';
import type { z } from 'zod/v4';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { endpointSchema, newEndpointSchema } from '../runner/runner-answers.ts';
import {
	explainOlderRunner,
	featuresOfEvents,
	isAboutField,
	typesKnownTo,
} from '../runner/older-runner.ts';
import { openRunner, type RunnerReply } from '../runner/runner-api.ts';
import { webhookUrl } from './webhook-url.ts';

export type Endpoint = z.infer<typeof endpointSchema>;
export type NewEndpoint = z.infer<typeof newEndpointSchema>;

/** A failed call. `isGone` is true only when the runner said that there is no such endpoint. */
export interface Refused {
	readonly ok: false;
	readonly isGone: boolean;
	readonly refusal: NodeApiError;
}
export type Answer<T> = { readonly ok: true; readonly value: T } | Refused;

/** The id of the endpoint that already has the URL. */
export interface Taken {
	readonly takenBy: string;
}

export interface EndpointSettings {
	/** For the runner's lists. */
	readonly name: string;
	readonly url: string;
	/** Event types; empty for all. */
	readonly events: readonly string[];
	/** The most events in one request; 1 for a request per event. */
	readonly batchSize: number;
	/** The runner removes it after ten minutes and never retries its webhooks. */
	readonly isEphemeral: boolean;
}

/** The settings to change of an endpoint. */
export type ChangedSettings = Partial<Pick<EndpointSettings, 'events' | 'batchSize'>> & {
	/** `events` are all that this version knows: a runner that knows fewer gets those that it knows. */
	readonly isAllEvents?: boolean;
};

/** Longest time that an event waits for others to share its request, in milliseconds. */
const LONGEST_WAIT_MS = 50;

/** The runner's API for endpoints, as a trigger needs it. */
export interface EndpointApi {
	get(id: string): Promise<Answer<Endpoint>>;
	create(settings: EndpointSettings): Promise<Answer<NewEndpoint | Taken>>;
	change(id: string, settings: ChangedSettings): Promise<Answer<Endpoint>>;
	/** The only way to replace a lost secret: the runner shows a secret once. */
	rotateSecret(id: string): Promise<Answer<NewEndpoint>>;
	/** Also sends the events that were held for it. */
	enable(id: string): Promise<Answer<Endpoint>>;
	/** Holds its events until it is enabled. */
	disable(id: string): Promise<Answer<Endpoint>>;
	/** Sends the events again that the runner had given up on. */
	replayFailed(id: string): Promise<Answer<unknown>>;
	remove(id: string): Promise<Answer<unknown>>;
}

export async function openEndpoints(context: IHookFunctions): Promise<EndpointApi> {
	const runner = await openRunner(context);

	/** `events` are those that the request named. */
	const refused = async (
		reply: RunnerReply,
		action: string,
		events: readonly string[] = [],
	): Promise<Refused> => {
		const older = await explainOlderRunner(runner, reply, featuresOfEvents(events));
		const { message, description, httpCode } =
			older ??
			explainRefusal(reply, {
				baseUrl: runner.baseUrl,
				action,
				scope: 'endpoints',
				nameOf: (path) => (path === 'url' ? 'The webhook URL of n8n' : path),
			});
		// n8n shows only the message of a failed activation. For a refused URL, the message names the setting to change.
		const isAboutUrl = !older && statusOf(reply) === 422;
		const url = webhookUrl(context);
		const refusal = new NodeApiError(context.getNode(), httpCode === null ? {} : { httpCode }, {
			message: isAboutUrl ? `${message} (${url})${isLoopback(url) ? IN_CONTAINERS : ''}` : message,
			description,
		});
		return { ok: false, isGone: statusOf(reply) === 404, refusal };
	};

	const answered = async <T>(
		reply: RunnerReply,
		expected: { status: number; schema: z.ZodType<T> },
		action: string,
		events: readonly string[] = [],
	): Promise<Answer<T>> => {
		const parsed =
			'failure' in reply || reply.status !== expected.status
				? undefined
				: expected.schema.safeParse(reply.body);
		return parsed?.success
			? { ok: true, value: parsed.data }
			: await refused(reply, action, events);
	};

	const done = async (reply: RunnerReply, action: string): Promise<Answer<unknown>> => {
		const status = statusOf(reply) ?? 0;
		return status >= 200 && status < 300
			? { ok: true, value: undefined }
			: await refused(reply, action);
	};

	/** Asks for batches, and again without them if the runner is too old to know them. */
	const withBatch = async (
		method: 'POST' | 'PATCH',
		target: string,
		body: IDataObject,
		size: number | undefined,
	): Promise<RunnerReply> => {
		if (size === undefined) return await runner.request(method, target, { body });
		const batch = size > 1 ? { max_events: size, max_wait_ms: LONGEST_WAIT_MS } : null;
		const asked = await runner.request(method, target, { body: { ...body, batch } });
		return isRefusedFor(asked, 'batch') ? await runner.request(method, target, { body }) : asked;
	};

	const path = (id: string, verb = ''): string => `/endpoints/${encodeURIComponent(id)}${verb}`;
	const one = { status: 200, schema: endpointSchema };

	return {
		get: async (id) =>
			await answered(await runner.request('GET', path(id)), one, 'show the endpoint'),
		async create({ name, url, events, batchSize, isEphemeral }) {
			const body = {
				name,
				url,
				profile: 'sureping',
				...(events.length > 0 ? { events: [...events] } : {}),
				...(isEphemeral ? { ephemeral: true } : {}),
			};
			const asked = batchSize > 1 ? batchSize : undefined;
			const reply = await withBatch('POST', '/endpoints', body, asked);
			const takenBy = 'failure' in reply ? undefined : problemOf(reply.body).endpoint_id;
			if (statusOf(reply) === 409 && takenBy !== undefined) return { ok: true, value: { takenBy } };
			const expected = { status: 201, schema: newEndpointSchema };
			return await answered(reply, expected, 'register the webhook', events);
		},
		async change(id, { events, batchSize, isAllEvents = false }) {
			const action = 'change the endpoint';
			const ask = async (types: readonly string[] | undefined): Promise<RunnerReply> => {
				const filter = types ? { events: [...types] } : {};
				return await withBatch('PATCH', path(id), filter, batchSize);
			};
			const reply = await ask(events);
			if (events && isAllEvents && isRefusedFor(reply, 'events')) {
				const known = await typesKnownTo(runner, events);
				if (known.length < events.length) return await answered(await ask(known), one, action);
			}
			return await answered(reply, one, action, events);
		},
		rotateSecret: async (id) =>
			await answered(
				await runner.request('POST', path(id, '/rotate-secret')),
				{ status: 200, schema: newEndpointSchema },
				'replace the secret of the endpoint',
			),
		enable: async (id) =>
			await answered(await runner.request('POST', path(id, '/enable')), one, 'resume the endpoint'),
		disable: async (id) =>
			await answered(await runner.request('POST', path(id, '/disable')), one, 'pause the endpoint'),
		replayFailed: async (id) =>
			await done(
				await runner.request('POST', path(id, '/replay'), { body: { only_failed: true } }),
				'resend the events that it had given up on',
			),
		remove: async (id) =>
			await done(await runner.request('DELETE', path(id)), 'remove the endpoint'),
	};
}

/** The runner's own advice, to allow this host, would allow its own container. */
const IN_CONTAINERS =
	'. If n8n or the runner is in a container, set the option "URL the Runner Calls" instead, for example to http://n8n:5678, with the name of the n8n service';

function isLoopback(url: string): boolean {
	return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}

function statusOf(reply: RunnerReply): number | undefined {
	return 'failure' in reply ? undefined : reply.status;
}

/** True when the request was refused because of this field. */
function isRefusedFor(reply: RunnerReply, field: string): boolean {
	return !('failure' in reply) && reply.status === 422 && isAboutField(reply.body, [field]);
}
