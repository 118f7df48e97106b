import { randomBytes } from 'node:crypto';
import {
	closedUntil,
	type EndpointHealth,
	eventTypeSchema,
	healthyFrom,
	isoTime,
	type ProfileId,
	PROFILES,
	SIGNATURE_INPUTS,
	withoutRetries,
	withRules,
} from '@sureping/engine';
import { z } from 'zod/v4';
import type { ApiKey } from '../../config/config.ts';
import { toBatch, toEndpoint, toRate } from '../../config/endpoints.ts';
import { withFormerSecrets } from '../../former-secrets.ts';
import { type Endpoint, healthOf } from '../../store/contract/endpoints.ts';
import { endpointFields, MOST_TYPES, refuseForProfile } from '../../config/settings/index.ts';
import { CURSOR_FORM } from '../../store/rules/feed-cursor.ts';
import type { Api, App } from '../api.ts';
import { invalid, Problem } from '../problem.ts';
import {
	endpointListSchema,
	endpointSchema,
	endpointTestSchema,
	newEndpointSchema,
	replaySchema,
} from '../response-schemas.ts';
import { testEndpoint } from '../test-endpoint.ts';
import { shownUrl } from '../shown-url.ts';
import { readable } from './events.ts';
import { replayToWire } from './replays.ts';

const paramsSchema = z.object({ id: z.string() });

const createSchema = z.strictObject({
	...endpointFields,
	/** Gone after ten minutes, and never retried: for an editor that listens for a test event. */
	ephemeral: z.boolean().default(false),
});
const EPHEMERAL_MS = 10 * 60_000;

const changeSchema = z.strictObject({
	name: endpointFields.name.optional(),
	url: endpointFields.url.optional(),
	events: endpointFields.events,
	default: z.boolean().optional(),
	signature_input: z.enum(SIGNATURE_INPUTS).optional(),
	ack: z.enum(['2xx', 'strict-200']).optional(),
	retry: endpointFields.retry,
	/** Null: one event per request again. */
	batch: endpointFields.batch.nullable(),
	report_type: endpointFields.report_type,
	/** All of them anew; null: none. */
	headers: endpointFields.headers.nullable(),
	/** Null: as fast as it takes them. */
	rate_limit: endpointFields.rate_limit.nullable(),
});

const replayRequestSchema = z
	.strictObject({
		since: z.iso.datetime({ offset: true }).optional(),
		cursor: z.string().regex(CURSOR_FORM, 'must be a next_cursor of GET /events').optional(),
		until: z.iso.datetime({ offset: true }).optional(),
		types: z.array(eventTypeSchema).min(1).max(MOST_TYPES).optional(),
		only_failed: z.boolean().default(false),
	})
	.refine(({ since, cursor }) => since === undefined || cursor === undefined, {
		path: ['cursor'],
		error: 'must be left out when since is given',
	})
	.refine(
		({ since, until }) =>
			since === undefined || until === undefined || Date.parse(since) <= Date.parse(until),
		{ path: ['until'], error: 'must not be before since' },
	);

/** Subscriptions to delivery events. Their secrets are answered once: when they are made and when they change. */
export function endpointRoutes(app: App, api: Api): void {
	const change = { config: { scopes: ['endpoints'] } } as const;
	const look = { config: { scopes: ['endpoints', 'read'] } } as const;
	const tags = ['Endpoints'];

	app.post(
		'/endpoints',
		{
			...change,
			schema: {
				summary: 'Subscribe a URL to delivery events',
				tags,
				body: createSchema,
				response: { 201: newEndpointSchema },
			},
		},
		async (request, reply) => {
			const { ephemeral, ...settings } = request.body;
			refuseSettings(settings.profile, settings);
			await refuseUrl(settings.url, request.apiKey, api);
			const now = api.clock.now();
			await refuseMore(now, api);
			const lasting = toEndpoint(settings, api.webhookPolicy);
			const endpoint: Endpoint = {
				...lasting,
				id: api.newId('ep'),
				...(PROFILES[settings.profile].secret === 'none' ? {} : { secret: newSecret() }),
				source: 'api',
				createdAt: now,
				...(ephemeral
					? { policy: withoutRetries(lasting.policy), expiresAt: now + EPHEMERAL_MS }
					: {}),
			};
			if (!(await api.store.endpoints.add(endpoint))) throw await taken(settings.url, api);
			return await reply.code(201).send({
				...toWire(endpoint, api, request.apiKey),
				url: endpoint.url,
				...(endpoint.secret === undefined ? {} : { secret: endpoint.secret }),
			});
		},
	);

	app.get(
		'/endpoints',
		{ ...look, schema: { summary: 'List endpoints', tags, response: { 200: endpointListSchema } } },
		async ({ apiKey }) => ({
			endpoints: (await api.store.endpoints.all()).map((endpoint) => toWire(endpoint, api, apiKey)),
		}),
	);

	app.get(
		'/endpoints/:id',
		{
			...look,
			schema: {
				summary: 'Get an endpoint',
				tags,
				params: paramsSchema,
				response: { 200: endpointSchema },
			},
		},
		async ({ params, apiKey }) => toWire(await find(params.id, api), api, apiKey),
	);

	app.patch(
		'/endpoints/:id',
		{
			...change,
			schema: {
				summary: 'Change an endpoint',
				tags,
				params: paramsSchema,
				body: changeSchema,
				description:
					'Another origin of url is another receiver: it gets a secret of its own, which the answer shows once, and none of the headers that were given for the one before.',
				response: { 200: newEndpointSchema },
			},
		},
		async ({ params, body, apiKey }) => {
			const { name, url, events, default: isDefault, signature_input, ack, retry } = body;
			const { batch, report_type, headers, rate_limit } = body;
			const { id, url: before, profile } = await findChangeable(params.id, api);
			refuseSettings(profile, body);
			if (url !== undefined && url !== before) await refuseUrl(url, apiKey, api);
			let secret: string | undefined;
			const endpoint = await changeEndpoint(id, api, (found) => {
				const known = forOrigin(found, url ?? found.url);
				const { batch: batchNow, headers: headersNow, rateLimit: rateNow, ...now } = known;
				secret = now.secret === found.secret ? undefined : now.secret;
				return {
					...now,
					...field('batch', batch, batchNow, toBatch),
					...field('headers', headers, headersNow, (wanted) => wanted),
					...field('rateLimit', rate_limit, rateNow, toRate),
					reportType: report_type ?? now.reportType,
					name: name ?? now.name,
					url: url ?? now.url,
					...eventsOf(now, events),
					isDefault: isDefault ?? now.isDefault,
					signatureInput: signature_input ?? now.signatureInput,
					ack: ack ?? now.ack,
					policy:
						retry === undefined ? now.policy : withRules(api.webhookPolicy(now.profile), retry),
					// Another URL starts with a clean record.
					...(url !== undefined && url !== now.url ? withCleanRecord(now, api) : {}),
				};
			});
			api.wake();
			return { ...toWire(endpoint, api, apiKey), ...(secret === undefined ? {} : { secret }) };
		},
	);

	app.delete(
		'/endpoints/:id',
		{
			...change,
			schema: {
				summary: 'Remove an endpoint',
				description: 'What is still owed to it is cancelled. To keep it, disable the endpoint.',
				tags,
				params: paramsSchema,
				response: { 204: z.undefined() },
			},
		},
		async ({ params }, reply) => {
			const { id } = await findChangeable(params.id, api);
			await api.store.endpoints.remove(id);
			return await reply.code(204).send();
		},
	);

	app.post(
		'/endpoints/:id/rotate-secret',
		{
			...change,
			schema: {
				summary: 'Give an endpoint a new secret',
				description:
					'For 24 hours the ones before it sign as well: sureping and one-ping in the header X-Sureping-Former-Signature, standard-webhooks in its list of signatures. Other formats have room for one signature only.',
				tags,
				params: paramsSchema,
				response: { 200: newEndpointSchema },
			},
		},
		async ({ params, apiKey }) => {
			const { id, profile } = await findChangeable(params.id, api);
			if (PROFILES[profile].secret === 'none') {
				throw new Problem(409, `${profile} does not sign, so there is no secret to rotate`);
			}
			const secret = newSecret();
			const at = api.clock.now();
			const endpoint = await changeEndpoint(id, api, (now) => ({
				...now,
				...withFormerSecrets(now, secret, at),
			}));
			return { ...toWire(endpoint, api, apiKey), secret };
		},
	);

	for (const [verb, status, summary] of [
		[
			'enable',
			'enabled',
			'Resume an endpoint: what it is owed is sent now, the oldest first, and no pause goes on',
		],
		['disable', 'disabled', 'Pause an endpoint: its events are held until it is enabled'],
	] as const) {
		app.post(
			`/endpoints/:id/${verb}`,
			{
				...change,
				schema: { summary, tags, params: paramsSchema, response: { 200: endpointSchema } },
			},
			async ({ params, apiKey }) => {
				const { id, status: before } = await find(params.id, api);
				if (status === 'enabled' && before === status) {
					await forgetHealth(id, api);
					await api.store.webhooks.hasten(id);
				}
				await api.store.endpoints.setStatus(id, status);
				api.wake();
				return toWire(await find(id, api), api, apiKey);
			},
		);
	}

	app.post(
		'/endpoints/:id/test',
		{
			...change,
			schema: {
				summary: 'Post a made-up event now and say what came back',
				tags,
				params: paramsSchema,
				response: { 200: endpointTestSchema },
			},
		},
		async ({ params }) => await testEndpoint(await find(params.id, api), api),
	);

	app.post(
		'/endpoints/:id/replay',
		{
			...change,
			schema: {
				summary: 'Send past events once more',
				description:
					'From since or cursor (else from the oldest kept) to until (else now). With only_failed, just those that were given up. Watch it with GET /replays/{replay_id}.',
				tags,
				params: paramsSchema,
				body: replayRequestSchema,
				response: { 202: replaySchema },
			},
		},
		async ({ params, body: { since, cursor, until, types, only_failed } }, reply) => {
			await find(params.id, api);
			if (cursor !== undefined) readable(await api.store.feed.read(cursor, 1), 'cursor');
			const replay = await api.store.replays.start({
				endpointId: params.id,
				since: since === undefined ? undefined : Date.parse(since),
				cursor,
				until: until === undefined ? undefined : Date.parse(until),
				types,
				onlyFailed: only_failed,
			});
			if (!replay) throw notFound();
			api.replayStarted();
			return await reply.code(202).send(replayToWire(replay));
		},
	);
}

function newSecret(): string {
	return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Each endpoint costs every send a row for each event, also while it is disabled. */
async function refuseMore(now: number, { store, maxEndpoints }: Api): Promise<void> {
	const lasting = (await store.endpoints.all()).filter(
		({ source, expiresAt = Infinity }) => source === 'api' && expiresAt > now,
	);
	if (lasting.length < maxEndpoints) return;
	const detail = `There are ${maxEndpoints} endpoints, which is the most; remove some that are not in use, or raise backpressure.max_endpoints`;
	throw new Problem(409, detail, [], { reason: 'endpoints' });
}

/**
 * What an endpoint keeps at another URL. Its headers and secrets were given for the origin that it had (RFC 6454): at another
 * one they would be somebody else's to read.
 */
function forOrigin(endpoint: Endpoint, url: string): Endpoint {
	if (new URL(url).origin === new URL(endpoint.url).origin) return endpoint;
	const { headers: _headers, previousSecrets: _former, secret, ...kept } = endpoint;
	return { ...kept, ...(secret === undefined ? {} : { secret: newSecret() }) };
}

/** What an endpoint is told of when it is changed: what somebody names or has named, else what its format gives by now. */
function eventsOf(
	{ profile, events, hasDefaultEvents = false }: Endpoint,
	wanted: Endpoint['events'] | undefined,
): Pick<Endpoint, 'events' | 'hasDefaultEvents'> {
	if (wanted) return { events: wanted, hasDefaultEvents: false };
	return hasDefaultEvents
		? { events: PROFILES[profile].defaultEvents, hasDefaultEvents }
		: { events };
}

function refuseSettings(
	profile: ProfileId,
	settings: Parameters<typeof refuseForProfile>[1],
): void {
	const problems = refuseForProfile(profile, settings);
	if (problems.length > 0) throw invalid(problems);
}

/** What a PATCH leaves of a setting that an endpoint need not have: null takes it away. */
function field<Name extends string, Wanted, Setting>(
	name: Name,
	wanted: Wanted | null | undefined,
	before: Setting | undefined,
	read: (wanted: Wanted) => Setting,
): Partial<Record<Name, Setting>> {
	const value = wanted === undefined ? before : wanted === null ? undefined : read(wanted);
	// The computed key is all that it has.
	return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Setting>>;
}

async function refuseUrl(url: string, { name }: ApiKey, { guard }: Api): Promise<void> {
	const refusal = await guard.refuse(url, name);
	if (refusal) throw invalid([{ path: 'url', message: refusal }]);
}

async function find(id: string, { store }: Api): Promise<Endpoint> {
	const found = (await store.endpoints.all()).find((endpoint) => endpoint.id === id);
	if (!found) throw notFound();
	return found;
}

const notFound = (): Problem => new Problem(404, 'There is no endpoint with this id');

async function findChangeable(id: string, api: Api): Promise<Endpoint> {
	const endpoint = await find(id, api);
	if (endpoint.source === 'config') {
		throw new Problem(409, `"${endpoint.name}" is in the config file; change it there`);
	}
	return endpoint;
}

/** What an enabled endpoint's answers said of it counts no more: neither its failures nor a pause that it asked for. */
async function forgetHealth(id: string, api: Api): Promise<void> {
	await api.store.endpoints.change(id, (now) => ({ ...now, ...withCleanRecord(now, api) }));
}

/** What was disabled stays so until it is enabled, and with the reason. */
function withCleanRecord(now: Endpoint, { clock }: Api): Pick<Endpoint, 'health'> {
	if (now.status === 'disabled') return {};
	return { health: healthyFrom(Math.max(clock.now(), healthOf(now).since + 1)) };
}

/** Changes the endpoint as it is when the change is stored: others may have changed it since it was read. */
async function changeEndpoint(
	id: string,
	api: Api,
	change: (now: Endpoint) => Endpoint,
): Promise<Endpoint> {
	let wanted = '';
	const changed = await api.store.endpoints.change(id, (now) => {
		const next = change(now);
		wanted = next.url;
		return next;
	});
	if (changed.result === 'changed') return changed.endpoint;
	if (changed.result === 'taken') throw await taken(wanted, api);
	throw notFound();
}

async function taken(url: string, { store }: Api): Promise<Problem> {
	const other = (await store.endpoints.all()).find((e) => e.source === 'api' && e.url === url);
	return new Problem(409, 'Another endpoint has this URL', [], { endpoint_id: other?.id });
}

function toWire(endpoint: Endpoint, api: Api, apiKey: ApiKey): z.infer<typeof endpointSchema> {
	const { batch, rateLimit, headers, previousSecrets = [], health } = endpoint;
	const now = api.clock.now();
	const former = previousSecrets.filter(({ until }) => until > now);
	return {
		id: endpoint.id,
		name: endpoint.name,
		url: shownUrl(endpoint.url, apiKey),
		profile: endpoint.profile,
		events: [...endpoint.events],
		default: endpoint.isDefault,
		signature_input: endpoint.signatureInput,
		ack: endpoint.ack,
		...(batch ? { batch: { max_events: batch.maxEvents, max_wait_ms: batch.maxWaitMs } } : {}),
		...(rateLimit
			? { rate_limit: { max: rateLimit.max, window_s: rateLimit.windowMs / 1000 } }
			: {}),
		...(headers ? { header_names: Object.keys(headers) } : {}),
		...(former.length > 0
			? { former_secrets_until: former.map(({ until }) => isoTime(until)) }
			: {}),
		...(endpoint.profile === 'otpiq' ? { report_type: endpoint.reportType } : {}),
		status: endpoint.status,
		...(endpoint.status === 'disabled' && health?.disabled
			? { disabled_reason: health.disabled }
			: {}),
		health: healthToWire(api.healthOf(endpoint), now),
		created_at: isoTime(endpoint.createdAt),
		...(endpoint.expiresAt === undefined ? {} : { expires_at: isoTime(endpoint.expiresAt) }),
	};
}

function healthToWire(
	health: EndpointHealth,
	now: number,
): z.infer<typeof endpointSchema>['health'] {
	const { failures, failingSince, probeAt } = health;
	const paused = Math.max(closedUntil(health), probeAt ?? 0);
	return {
		consecutive_failures: failures,
		...(failingSince === undefined ? {} : { failing_since: isoTime(failingSince) }),
		...(paused > now ? { paused_until: isoTime(paused) } : {}),
		breaker: probeAt === undefined ? 'closed' : 'open',
	};
}
