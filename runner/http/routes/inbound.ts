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
 * A token as one more segment of the path, or in the query, for providers that neither sign nor send a header of the
 * user's choice.
 */
const PATH = '/inbound/:provider/:connection';
const paramsSchema = z.object({ provider: z.string(), connection: z.string() });

const ACCEPTED = z.union([z.object({ received: z.int() }), z.string()]);

/**
 * Time for which a report on a connection of ours waits for its message before it is forwarded: longer than an attempt,
 * since a service may report before it answers.
 */
const GRACE_MS = 180_000;
const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Bytes of a body whose proof is cheap. After too many forgeries from an address, which may be a proxy's, larger and
 * compressed bodies are refused without a proof; smaller ones are still proved, so that genuine ones pass.
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
					summary: "Take a provider's own delivery reports",
					description:
						'For providers to call. A request counts when it is proved to be the provider’s, with a secret of the entry of `inbound` in the configuration; GET is for those that report or set up that way. Answered once everything is stored; the same report again changes nothing.',
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
						await rates.countForgery(request);
						throw new Problem(404, 'Nobody reports here');
					}
				},
				async handler(request, reply) {
					const entry = entryFor(request, api);
					if (!entry) throw new Problem(404, 'Nobody reports here');
					const { provider, connection } = entry;
					await limit.enter();
					// Other requests from this address may have been refused while this one waited.
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
						await rates.countForgery(request);
						api.log.warn({ provider, connection, reason }, 'an inbound request was refused');
						throw refused();
					}
					await rates.countInbound(request);
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

/** The answer to a refused request has no reason, which would help a forger. */
function refused(): Problem {
	return new Problem(401, 'The request was not accepted');
}

/** A header that came once as its text, one that came more often as the list. */
function asOne([name, values = []]: [string, string[] | undefined]): [
	string,
	string | readonly string[] | undefined,
] {
	return [name, values.length > 1 ? values : values[0]];
}

/**
 * The request as the provider made it. Some sign its URL, which is the public one: a caller's `Host` could be that of
 * another server, and a request for it was never meant for this one. The config asks for `public_url` where that counts.
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
		log.info({ provider, connection, ...counts }, 'reports were taken');
		api.wake();
	}
	const unreadable = events.filter((event) => event.unreadable).length;
	if (unreadable > 0) {
		const what = 'reports came in a form that their provider does not document: see `raw`';
		log.warn({ provider, connection, unreadable }, what);
	}
	if (confirm !== undefined) await confirmSubscription(confirm, entry, api);
}

/** Amazon SNS posts nothing until its confirmation URL was called. */
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
	// The URL holds a token, and so is not logged.
	if ('failure' in reply) {
		log.error({ provider, connection, reason: reply.detail }, 'a subscription was not confirmed');
	} else if (reply.status !== 200) {
		const reason = `answered ${reply.status}`;
		log.error({ provider, connection, reason }, 'a subscription was not confirmed');
	} else {
		log.info({ provider, connection }, 'a subscription was confirmed');
	}
}
