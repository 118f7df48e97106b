import { type Accepted, type RawRequest, receiveAsking, trimEndMatching } from '@sureping/engine';
import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod/v4';
import type { InboundEntry } from '../../config/inbound.ts';
import { logEvents } from '../../log-events.ts';
import type { Api, ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { Problem } from '../problem.ts';
import { readRawBodies } from '../body/raw-body.ts';
import type { Rates } from '../rates.ts';
import { TickLimit } from '../tick-limit.ts';

/**
 * A provider that neither signs nor sends a header of our choice may be given a token, as one more path segment or in
 * the query.
 */
const PATH = '/inbound/:provider/:connection';
const paramsSchema = z.object({ provider: z.string(), connection: z.string() });

const ACCEPTED = z.union([z.object({ received: z.int() }), z.string()]);

/**
 * Time that a report on a connection of this config waits for its message before it is forwarded; milliseconds. Longer
 * than an attempt may take whose service reports before it answers.
 */
const GRACE_MS = 180_000;
const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Largest body, in bytes, whose verification is cheap. After too many forgeries from an address, as through a proxy,
 * larger and compressed bodies are refused unread; the others are still verified, so that genuine ones pass.
 */
const CHEAP_BODY = 64 * 1024;

function isEncoded({ headers }: FastifyRequest): boolean {
	const encoding = headers['content-encoding'];
	return encoding !== undefined && encoding.trim().toLowerCase() !== 'identity';
}

/** Providers' reports on messages. No API key: the proof is the provider's own signature. */
export async function inboundRoutes(
	app: App,
	api: ApiWith<'reports'>,
	rates: Rates,
): Promise<void> {
	await app.register(async (instance) => {
		const scope = instance.withTypeProvider<ZodTypeProvider>();
		const refuseCostly = (request: FastifyRequest, size: number): void => {
			if (size > CHEAP_BODY || isEncoded(request)) rates.refuseForger(request);
		};
		readRawBodies(scope, refuseCostly);
		// A proof may take tens of milliseconds: one in each tick of the event loop.
		const limit = new TickLimit(1);
		for (const url of [PATH, `${PATH}/:token`]) {
			scope.route({
				method: ['GET', 'POST'],
				url,
				exposeHeadRoute: false,
				schema: {
					summary: 'Receive the delivery reports of a provider',
					description:
						'For providers to call. A request is accepted if a secret of its entry in `inbound` verifies it. GET is for providers that report or confirm that way. The answer comes once everything is stored; a repeated report changes nothing.',
					tags: ['Inbound'],
					security: [],
					params: paramsSchema,
					hide: url !== PATH,
					response: { 200: ACCEPTED },
				},
				// Before the body is read.
				onRequest: async (request) => {
					refuseCostly(request, Number(request.headers['content-length'] ?? 0));
					if (!entryFor(request, api)) {
						rates.countForgery(request);
						throw new Problem(404, 'No inbound entry has this path');
					}
				},
				async handler(request, reply) {
					const entry = entryFor(request, api);
					if (!entry) throw new Problem(404, 'No inbound entry has this path');
					const { provider, connection } = entry;
					await limit.enter();
					// Others from the same address may have been refused while this one waited.
					refuseCostly(request, Buffer.isBuffer(request.body) ? request.body.length : 0);
					const received = await receiveAsking(
						provider,
						rawRequest(request, api.publicUrl),
						entry.secrets,
						{ ...entry.options, entry: `${provider}/${connection}`, now: api.clock.now() },
						{
							certificate: api.certificates,
							tokenUse: async (token) => await api.store.reports.useToken(provider, token),
						},
					);
					if (!received.ok) {
						const { reason } = received;
						api.metrics.inbound.inc({ provider, result: reason });
						rates.countForgery(request);
						api.log.warn({ provider, connection, reason }, 'an inbound request was refused');
						throw refused();
					}
					rates.countInbound(request);
					await take(received, entry, api);
					api.metrics.inbound.inc({ provider, result: 'accepted' });
					const { answer, events } = received;
					return answer
						? await reply
								.type(answer.contentType)
								.header('x-content-type-options', 'nosniff')
								.send(answer.body)
						: { received: events.length };
				},
			});
		}
	});
}

function entryFor(
	{ params }: FastifyRequest,
	{ inbound }: Pick<Api, 'inbound'>,
): InboundEntry | undefined {
	const asked = paramsSchema.safeParse(params).data;
	return inbound.find(
		({ provider, connection }) => provider === asked?.provider && connection === asked.connection,
	);
}

/** The answer gives no reason, which would help to forge. */
function refused(): Problem {
	return new Problem(401, 'The request was not accepted');
}

/** A header as its value, or as the list of its values if there are several. */
function asOne([name, values = []]: [string, string[] | undefined]): [
	string,
	string | readonly string[] | undefined,
] {
	return [name, values.length > 1 ? values : values[0]];
}

/**
 * The request as the provider made it. Some providers sign its URL, which is the public one: the `Host` of a caller
 * could name another server, and a request for that server was never meant for this one. The config demands
 * `public_url` where it matters.
 */
function rawRequest({ raw, body }: FastifyRequest, publicUrl = ''): RawRequest {
	return {
		method: raw.method ?? '',
		url: `${trimEndMatching(publicUrl, /\//)}${raw.url ?? ''}`,
		headers: Object.fromEntries(Object.entries(raw.headersDistinct).map(asOne)),
		body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
	};
}

async function take(
	{ events, unreadableRepeatsAfterMs, confirm }: Accepted,
	entry: InboundEntry,
	api: ApiWith<'reports'>,
): Promise<void> {
	const { provider, connection, forward, isOurs } = entry;
	const { clock, log, metrics, store } = api;
	if (events.length > 0) {
		const forwardAt = forward ? clock.now() + (isOurs ? GRACE_MS : 0) : undefined;
		const {
			events: followed,
			delivered,
			...counts
		} = await store.reports.take(events, {
			provider,
			connection,
			forwardAt,
			unreadableRepeatsAfterMs,
		});
		logEvents(log, followed);
		metrics.countEvents(followed);
		metrics.countDelivered(delivered);
		log.info({ provider, connection, ...counts }, 'reports were stored');
		api.wake();
	}
	const unreadable = events.filter((event) => event.unreadable).length;
	if (unreadable > 0) {
		const what = 'reports came in a form that their provider does not document: see `raw`';
		log.warn({ provider, connection, unreadable }, what);
	}
	if (confirm !== undefined) await confirmSubscription(confirm, entry, api);
}

/** Amazon SNS sends nothing until this URL was called once. */
async function confirmSubscription(
	url: string,
	{ provider, connection }: InboundEntry,
	{ http, log }: Pick<Api, 'http' | 'log'>,
): Promise<void> {
	const reply = await http.guarded({
		method: 'GET',
		url,
		headers: {},
		timeoutMs: CONFIRM_TIMEOUT_MS,
	});
	// The URL holds a token and must not be logged.
	if ('failure' in reply) {
		log.error({ provider, connection, reason: reply.detail }, 'a subscription was not confirmed');
	} else if (reply.status !== 200) {
		const reason = `answered ${reply.status}`;
		log.error({ provider, connection, reason }, 'a subscription was not confirmed');
	} else {
		log.info({ provider, connection }, 'a subscription was confirmed');
	}
}
