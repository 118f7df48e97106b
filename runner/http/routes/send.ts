import {
	accept,
	anySendSchema,
	type EscalatedSend,
	escalatedSendSchema,
	isEscalated,
	isoTime,
	planSend,
	type PlanResult,
	problemsBeyond,
	type SendRequest,
	sendRequestSchema,
	type Transition,
} from '@sureping/engine';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod/v4';
import type { ApiKey } from '../../config/config.ts';
import { periodOf } from '../../config/quota.ts';
import type { Callback, QuotaPeriod, SendAnswer } from '../../store/contract/sends.ts';
import { StoreUnavailable } from '../../store/contract/errors.ts';
import type { Api, ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { answeredDeliveries } from '../answered-deliveries.ts';
import { hashOf } from '../canonical-json.ts';
import { type EscalatedSendFacts, openEscalation } from '../escalated-send.ts';
import { depthAfter } from '../loop-guard.ts';
import { RefusedItem } from '../body/batch-body.ts';
import { LIMITS } from '../limits.ts';
import { check, invalid, type Mistake, Problem, unavailable } from '../problem.ts';
import { acceptedSchema, batchResultSchema } from '../response-schemas.ts';
import { TimeSlices } from '../time-slices.ts';
import { TickLimit } from '../tick-limit.ts';

const IDEMPOTENCY_HEADER = 'idempotency-key';
const LONGEST_KEY = 256;

const MOST_SENDS = 1000;
/**
 * Most mistakes of one refused item: with all mistakes of a thousand items, the answer would be larger than the batch.
 */
const MOST_MISTAKES_EACH = 10;

const batchSchema = z.strictObject({
	/** Items like the body of `POST /send`. Checked one by one, so that a bad one does not affect the others. */
	sends: z.array(z.unknown()).min(1).max(MOST_SENDS),
});

/** `POST /send` and `POST /send/batch`: answered once the notifications are on disk. */
export function sendRoutes(app: App, api: SendApi): void {
	const limit = new TickLimit();
	app.post<{ Body: Send }>(
		'/send',
		{
			config: { scopes: ['send'], takesSends: true },
			validatorCompiler: () => (value) => ({ value: checkSend(value, api) }),
			schema: {
				summary: 'Send a notification',
				tags: ['Notifications'],
				body: anySendSchema,
				response: {
					/** An incident with the same `dedup_key` was not over: nobody was paged. */
					200: acceptedSchema,
					202: acceptedSchema,
				},
			},
		},
		async (request, reply) => {
			const turn = limit.enter();
			if (turn) await turn;
			const key = headerKey(request.headers[IDEMPOTENCY_HEADER], request.body.idempotency_key);
			const answer = await acceptSend(request.body, key, request, api);
			api.wake();
			return await reply.code(statusOf(answer)).send(answer);
		},
	);

	app.post(
		'/send/batch',
		{
			bodyLimit: LIMITS.batchBody,
			config: { scopes: ['send'], batch: MOST_SENDS, takesSends: true },
			schema: {
				summary: 'Send many notifications',
				description: `At most ${MOST_SENDS} sends and 10 MiB. The results are in the order of the sends.`,
				tags: ['Notifications'],
				body: batchSchema,
				response: { 200: batchResultSchema },
			},
		},
		async (request) => {
			const slices = new TimeSlices();
			const stored: ReturnType<typeof sendOfBatch>[] = [];
			for (const send of request.body.sends) {
				stored.push(sendOfBatch(send, request, api));
				await slices.yieldIfDue();
			}
			const results = await Promise.all(stored);
			api.wake();
			return { results };
		},
	);
}

/** The key of the `Idempotency-Key` header. Throws a 422 when it is invalid, or differs from the key in the body. */
function headerKey(
	header: string | string[] | undefined,
	inBody: string | undefined,
): string | undefined {
	if (typeof header !== 'string' || header === '') return undefined;
	const refuse = (message: string): Problem => invalid([{ path: 'Idempotency-Key', message }]);
	if (header.length > LONGEST_KEY) throw refuse(`must have at most ${LONGEST_KEY} characters`);
	if (inBody !== undefined && inBody !== header) {
		throw refuse('must be the idempotency_key of the body, or one of them left out');
	}
	return header;
}

type Send = SendRequest | EscalatedSend;

/** A send without its key, which was looked at. */
type Body = Omit<SendRequest, 'idempotency_key'> | Omit<EscalatedSend, 'idempotency_key'>;

const isEscalation = (body: Body): body is Omit<EscalatedSend, 'idempotency_key'> =>
	'escalation' in body;

/** The part of the runner that sends use. */
type SendApi = ApiWith<'sends' | 'feed' | 'deliveries' | 'incidents'>;

/** A send that was added to an incident made nothing new. */
const statusOf = ({ incident }: SendAnswer): 200 | 202 => (incident?.opened === false ? 200 : 202);

const urlText = z.string().max(2048).optional().catch(undefined);
const urlsSchema = z.object({
	callback_url: urlText,
	delivery_report: z.object({ webhookUrl: urlText }).optional().catch(undefined),
});

/** The body of a send without a policy. */
const plainSendSchema = sendRequestSchema.extend({
	dedup_key: z.undefined('needs escalation').optional(),
});

/** The body of a send, or a 422 with every mistake in it, those of its channels and addresses included. */
function checkSend(
	body: unknown,
	{ catalog, clock, guard }: Pick<Api, 'catalog' | 'clock' | 'guard'>,
): Send {
	if (isEscalated(body)) {
		// Its channels and addresses are checked with the policy, which may have to be read first.
		return check(escalatedSendSchema, body, () => refusedSpellings(body, guard));
	}
	return check(plainSendSchema, body, () => [
		...problemsBeyond(body, catalog, clock.now()),
		...refusedSpellings(body, guard),
	]);
}

/** Mistakes in URLs that are well-formed but must not be called. */
function refusedSpellings(body: unknown, guard: Api['guard']): Mistake[] {
	const { success, data } = urlsSchema.safeParse(body);
	if (!success) return [];
	const refuse = (path: string, url: string | undefined): Mistake[] => {
		const message = url !== undefined && URL.canParse(url) ? guard.refuseSpelling(url) : undefined;
		return message === undefined ? [] : [{ path, message }];
	};
	return [
		...refuse('callback_url', data.callback_url),
		...refuse('delivery_report.webhookUrl', data.delivery_report?.webhookUrl),
	];
}

/** The parts of a request that accepting a send needs. */
type Caller = Pick<FastifyRequest, 'apiKey' | 'reservation'>;

async function sendOfBatch(
	send: unknown,
	caller: Caller,
	api: SendApi,
): Promise<z.infer<typeof batchResultSchema>['results'][number]> {
	try {
		if (send instanceof RefusedItem) throw send.problem;
		const body = checkSend(send, api);
		const answer = await acceptSend(body, undefined, caller, api);
		const { notification_id, deliveries, incident } = answer;
		return {
			status: statusOf(answer),
			notification_id,
			deliveries: [...deliveries],
			...(incident ? { incident } : {}),
		};
	} catch (error) {
		// Other items may have been stored, so each has its own result.
		const problem = error instanceof StoreUnavailable ? unavailable(error) : error;
		if (!(problem instanceof Problem)) throw error;
		return { status: problem.status, problem: problem.toDocument(MOST_MISTAKES_EACH) };
	}
}

/** Stores one send, or finds the earlier answer to its idempotency key. Throws a `Problem`. */
async function acceptSend(
	{ idempotency_key: inBody, ...body }: Send,
	inHeader: string | undefined,
	caller: Caller,
	api: SendApi,
): Promise<SendAnswer> {
	const { apiKey } = caller;
	const key = inBody ?? inHeader;
	const idempotency = key === undefined ? undefined : { key, bodyHash: hashOf(contentOf(body)) };
	const now = api.clock.now();
	const quota = apiKey.quota && periodOf(apiKey.quota, now);
	const earlier =
		idempotency && (await api.store.sends.earlierAnswer(apiKey.name, idempotency, now));
	const more = { callbacks: callbacksOf(body, apiKey), idempotency, quota };
	const { result, answer } =
		earlier ??
		(isEscalation(body)
			? await openEscalation(body, await admitted(body, caller, api), more, api)
			: await api.store.sends.accept({
					...(await planned(body, caller, api, now)),
					...more,
					apiKey: apiKey.name,
				}));
	if (result === 'conflict') {
		// Names the earlier notification, so that the caller finds what it sent the first time.
		const { notification_id, incident } = answer;
		const detail = `The idempotency key "${key}" was used with another body, for ${notification_id}`;
		throw new Problem(409, detail, [], { notification_id, incident_id: incident?.id });
	}
	if (result === 'over_quota' && quota) throw usedUp(apiKey, quota, now);
	if (result === 'accepted') {
		api.metrics.accepted.inc();
		api.backpressure.countAccepted(answer.deliveries.length);
	}
	return answer;
}

/** Refuses a send that the runner has no room for, or that goes round in a loop. */
async function admitted(
	body: Body,
	{ apiKey, reservation }: Caller,
	api: SendApi,
): Promise<EscalatedSendFacts> {
	api.backpressure.admit(body.priority ?? 'normal', reservation);
	const depth = body.in_reply_to === undefined ? 0 : await depthAfter(body.in_reply_to, api);
	const callback = body.callback_url && (await refuseCallback(body.callback_url, apiKey, api));
	const reportUrl = body.delivery_report?.webhookUrl;
	const report = reportUrl && (await api.guard.refuse(reportUrl, apiKey.name));
	const problems = [
		...(callback ? [{ path: 'callback_url', message: callback }] : []),
		...(report ? [{ path: 'delivery_report.webhookUrl', message: report }] : []),
	];
	return { apiKey, depth, problems };
}

async function planned(
	body: Omit<SendRequest, 'idempotency_key'>,
	caller: Caller,
	api: SendApi,
	now: number,
): Promise<{ transition: Transition; answer: SendAnswer }> {
	const { depth, problems: refused } = await admitted(body, caller, api);
	const plan = await planFor(body, api, now);
	const problems = [...(plan.ok ? [] : plan.problems), ...refused];
	if (!plan.ok || problems.length > 0) throw invalid(problems);
	const transition = accept(plan.plan, now, api.newId, depth);
	const { id, deliveries } = transition.notification;
	const answer: SendAnswer = {
		notification_id: id,
		status: 'queued',
		deliveries: answeredDeliveries(deliveries, caller.apiKey),
	};
	return { transition, answer };
}

/** Plans a send. Most name addresses, so contacts are looked up only where a recipient is none. */
async function planFor(
	body: Omit<SendRequest, 'idempotency_key'>,
	{ catalog, directory }: Pick<Api, 'catalog' | 'directory'>,
	now: number,
): Promise<PlanResult> {
	const plan = planSend(body, catalog, now);
	if (plan.ok || plan.problems.every(({ path }) => path !== 'recipient')) return plan;
	return planSend(body, catalog, now, await directory.snapshot());
}

function usedUp({ name, quota }: ApiKey, { most, end }: QuotaPeriod, now: number): Problem {
	const resetsAt = isoTime(end);
	const detail = `The key "${name}" may send ${most} notifications a ${quota?.per}; the next from ${resetsAt}`;
	const headers = { 'retry-after': String(Math.max(1, Math.ceil((end - now) / 1000))) };
	const extra = { quota: { notifications: most, left: 0, resets_at: resetsAt } };
	return new Problem(429, detail, [], extra, headers);
}

/** Callbacks of a send, each in its own format. `delivery_report` replaces neither an endpoint nor `callback_url`. */
function callbacksOf(
	{ callback_url: url, delivery_report: report }: Body,
	{ name: apiKey }: ApiKey,
): readonly Callback[] {
	return [
		...(url === undefined
			? []
			: [{ url, profile: 'one-ping' as const, reportType: 'all' as const, apiKey }]),
		...(report === undefined
			? []
			: [
					{
						url: report.webhookUrl,
						profile: 'otpiq' as const,
						reportType: report.deliveryReportType,
						...(report.webhookSecret === undefined ? {} : { secret: report.webhookSecret }),
						apiKey,
					},
				]),
	];
}

async function refuseCallback(
	url: string,
	{ name, webhookSecret }: ApiKey,
	{ guard }: Pick<Api, 'guard'>,
): Promise<string | undefined> {
	return webhookSecret === undefined
		? `cannot be signed: give the API key "${name}" a webhook_secret`
		: await guard.refuse(url, name);
}

/**
 * Fields about the origin of a send. They do not count for an idempotency key: a repeat from another execution is the
 * same send.
 */
const ORIGIN: ReadonlySet<string> = new Set(['source', 'in_reply_to']);

/** The part of a send that an idempotency key stands for. */
function contentOf(body: object): object {
	return Object.fromEntries(Object.entries(body).filter(([name]) => !ORIGIN.has(name)));
}
