import { accept, planSend, sendRequestSchema, type Transition } from '@sureping/engine';
import type { FastifyInstance } from 'fastify';
import type { ApiKey } from '../../config/load.ts';
import type { SendAnswer } from '../../store/store.ts';
import { hashOf } from '../canonical-json.ts';
import { check, invalid, Problem } from '../problem.ts';
import type { Api } from '../api.ts';

const IDEMPOTENCY_HEADER = 'idempotency-key';

/** `POST /send`: answered once the notification is on disk. */
export function sendRoute(app: FastifyInstance, api: Api): void {
	app.post('/send', async (request, reply) => {
		const apiKey = api.authenticate(request, 'send');
		const { idempotency_key: inBody, ...body } = check(sendRequestSchema, request.body);
		const inHeader = request.headers[IDEMPOTENCY_HEADER];
		const key = inBody ?? (typeof inHeader === 'string' && inHeader !== '' ? inHeader : undefined);
		if (key !== undefined && key.length > 256) {
			throw invalid([{ path: 'Idempotency-Key', message: 'must have at most 256 characters' }]);
		}
		const idempotency = key === undefined ? undefined : { key, bodyHash: hashOf(body) };
		const now = api.clock.now();

		const earlier = idempotency && (await api.store.findAnswer(apiKey.name, idempotency, now));
		const result =
			earlier ??
			(await api.store.accept({
				...(await planned(body, apiKey, api, now)),
				apiKey: apiKey.name,
				callbackUrl: body.callback_url,
				idempotency,
			}));
		if (result.result === 'conflict') {
			// The earlier notification is named: a caller that repeats itself finds what it sent the first time.
			const { notification_id } = result.answer;
			const detail = `The idempotency key "${key}" was used with another body, for ${notification_id}`;
			throw new Problem(409, detail, [], { notification_id });
		}
		if (result.result === 'accepted') api.onAccepted();
		return await reply.code(202).send(result.answer);
	});
}

type Body = Omit<ReturnType<typeof sendRequestSchema.parse>, 'idempotency_key'>;

async function planned(
	body: Body,
	apiKey: ApiKey,
	api: Api,
	now: number,
): Promise<{ transition: Transition; answer: SendAnswer }> {
	const plan = planSend(body, api.catalog, now);
	const callback = body.callback_url && (await refuseCallback(body.callback_url, apiKey, api));
	const problems = [
		...(plan.ok ? [] : plan.problems),
		...(callback ? [{ path: 'callback_url', message: callback }] : []),
	];
	if (!plan.ok || problems.length > 0) throw invalid(problems);
	const transition = accept(plan.plan, now, api.newId);
	const { id, deliveries } = transition.notification;
	const answer: SendAnswer = {
		notification_id: id,
		status: 'queued',
		deliveries: deliveries.map(({ id, channel, recipient }) => ({ id, channel, recipient })),
	};
	return { transition, answer };
}

async function refuseCallback(
	url: string,
	{ name, webhookSecret }: ApiKey,
	{ guard }: Api,
): Promise<string | undefined> {
	return webhookSecret === undefined
		? `cannot be signed: give the API key "${name}" a webhook_secret`
		: await guard.refuse(url);
}
