import { type IHookFunctions, type IWebhookFunctions, NodeApiError } from 'n8n-workflow';
import { z } from 'zod/v4';
import { callApi } from '../../http/call-api.ts';
import { explainUnexpected } from '../explain.ts';
import { apiUrl, objectOf, outcomeOf } from '../hosted-service.ts';
import { PINGRAM, PINGRAM_PATHS } from './answers.ts';

type Context = IHookFunctions | IWebhookFunctions;

/** `EventsWebhookResponse` of npm `pingram`: an account and environment have one events webhook. */
const webhookSchema = z.object({
	/** The URL that is called. */
	webhook: z.string().min(1),
	events: z.array(z.string()),
	secret: z.string().min(1),
});
export type PingramWebhook = z.infer<typeof webhookSchema>;

/** The settings of a webhook. Pingram makes the secret. */
export type PingramSettings = Pick<PingramWebhook, 'webhook' | 'events'>;

export type PingramAnswer =
	/** `webhook` is undefined when none is configured. */
	| { readonly ok: true; readonly webhook: PingramWebhook | undefined }
	| { readonly ok: false; readonly refusal: NodeApiError };

/** The events webhook of the account that the credential is for (`WebhooksApi` of npm `pingram`). */
export interface PingramApi {
	get(): Promise<PingramAnswer>;
	put(settings: PingramSettings): Promise<PingramAnswer>;
	remove(): Promise<PingramAnswer>;
}

export async function openPingram(context: Context): Promise<PingramApi> {
	const { baseUrl } = await context.getCredentials(PINGRAM.credential);
	const url = apiUrl(PINGRAM, baseUrl, PINGRAM_PATHS.eventsWebhook);

	const call = async (
		method: 'GET' | 'PUT' | 'DELETE',
		action: string,
		body?: PingramSettings,
	): Promise<PingramAnswer> => {
		const reply = await callApi(context, PINGRAM.credential, {
			method,
			url,
			...(body ? { body: { ...body } } : {}),
		});
		if ('failure' in reply) return refuse(`Pingram did not answer: ${reply.detail}`);
		if (reply.status === 404 && method !== 'PUT') return { ok: true, webhook: undefined };
		if (outcomeOf(PINGRAM, reply, Date.now()).result === 'failed') {
			return refuse(
				reply.status === 401 || reply.status === 403
					? 'Pingram does not accept the API key of the credential'
					: `Pingram did not ${action}: it answered ${reply.status}`,
			);
		}
		const { data: webhook } = webhookSchema.safeParse(reply.body);
		if (webhook || method === 'DELETE') return { ok: true, webhook };
		if (method === 'PUT') return refuse('Pingram took the webhook but gave no secret for it');
		// A proxy's page must not pass for an account without a webhook: registering would replace the one that is there.
		const isNone = !reply.body || objectOf(reply) !== undefined;
		return isNone ? { ok: true, webhook } : refuse(explainUnexpected(PINGRAM, reply).message);
	};

	const refuse = (message: string): PingramAnswer => ({
		ok: false,
		refusal: new NodeApiError(
			context.getNode(),
			{},
			{
				message,
				description:
					'Check the API key and the base URL of the Pingram API credential, or set the webhook up by hand.',
			},
		),
	});

	return {
		get: async () => await call('GET', 'show its events webhook'),
		put: async ({ webhook, events }) =>
			await call('PUT', 'set its events webhook', { webhook, events: [...events] }),
		remove: async () => await call('DELETE', 'remove its events webhook'),
	};
}

/** The secret that Pingram signs with now; undefined unless it calls this URL. */
export async function currentPingramSecret(
	context: IWebhookFunctions,
	url: string,
): Promise<string | undefined> {
	const api = await openPingram(context);
	const found = await api.get();
	return found.ok && found.webhook?.webhook === url ? found.webhook.secret : undefined;
}
