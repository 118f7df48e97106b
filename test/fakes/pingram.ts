import {
	type Answer,
	bearer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	startRecordingServer,
} from './recording-server.ts';

/** The one events webhook of an account and environment (npm pingram 1.0.14: `EventsWebhookResponse`). */
export interface EventsWebhook {
	readonly webhookId: string;
	readonly webhook: string;
	readonly events: readonly string[];
	readonly secret: string;
}

export interface FakePingramWebhooks extends RecordingServer {
	readonly apiKey: string;
	/** The current configuration. */
	current(): EventsWebhook | undefined;
	/** Somebody configures it in the dashboard; undefined removes it. */
	configure(settings: Pick<EventsWebhook, 'webhook' | 'events'> | undefined): void;
}

const API_KEY = 'pingram_sk_0123456789';

/**
 * `GET|PUT|DELETE /webhooks/events` of Pingram, as its SDK has them (`WebhooksApi`). The SDK does not say whether a
 * change of the URL keeps the secret, so each gets a new one, which is the harder case; nor what is answered where
 * nothing is configured: 404 here.
 */
export async function startPingramWebhooks(): Promise<FakePingramWebhooks> {
	let current: EventsWebhook | undefined;
	let made = 0;
	const configure: FakePingramWebhooks['configure'] = (settings) => {
		const isSame = settings?.webhook === current?.webhook;
		const secret = isSame && current ? current.secret : `pingram_whsec_${++made}`;
		current = settings && { webhookId: 'acc_1:acc_1', ...settings, secret };
	};
	const reply = (request: RecordedRequest): Answer => {
		if (bearer(request) !== API_KEY) return refusal(401, 'Unknown API key');
		if (request.path !== '/webhooks/events') return refusal(404, 'No such path');
		switch (request.method) {
			case 'PUT': {
				const { webhook, events } = objectIn(request.body) ?? {};
				if (typeof webhook !== 'string' || !/^https?:\/\//.test(webhook) || !isTexts(events)) {
					return refusal(400, 'A URL and a list of events are needed');
				}
				configure({ webhook, events });
				return json(200, current);
			}
			case 'DELETE':
				configure(undefined);
				return { status: 204, body: '' };
			default:
				return current ? json(200, current) : refusal(404, 'No events webhook');
		}
	};
	const server = await startRecordingServer(reply, ({ status = 200 }) =>
		refusal(status, `Answer ${status}`),
	);
	return { ...server, apiKey: API_KEY, current: () => current, configure };
}

function isTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function refusal(status: number, message: string): Answer {
	return json(status, { trackingId: 'trk-refused', error: { code: `E_${status}`, message } });
}
