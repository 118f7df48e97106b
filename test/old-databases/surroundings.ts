import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';

/** The receiver of webhooks in a dump, whose real URL is another each time. */
const RECEIVER = 'http://receiver.test';

/** The services that a runner calls: one for its channels and one for its webhooks. */
export interface Surroundings {
	readonly slack: RecordingServer;
	readonly receiver: RecordingServer;
	/** Settings of a runner that may be of any version, beside those of every test's runner. */
	settings(more?: Record<string, unknown>): Record<string, unknown>;
	/** The text of a dump with the receiver's own URL, and back. */
	withUrls(dump: string): string;
	withoutUrls(dump: string): string;
	close(): Promise<void>;
}

const HOUR_S = 3600;

/** @param refused paths at which the receiver answers 500 */
export async function startSurroundings(refused: readonly string[] = []): Promise<Surroundings> {
	const slack = await startRecordingServer(({ path, body }) =>
		path === webhookPath('ops') && body.includes(FALLS_BACK)
			? { status: 400, body: 'invalid_payload' }
			: { status: 200, body: 'ok' },
	);
	const receiver = await startRecordingServer(({ path }) => ({
		status: refused.includes(path) ? 500 : 200,
		body: '',
	}));
	const retry = { delays_s: [HOUR_S], jitter: 0, timeout_s: 2 };
	return {
		slack,
		receiver,
		settings: (more = {}) => ({
			connections: ['ops', 'backup'].map((name) => ({
				name,
				channel: 'slack',
				webhook_url: slack.url + webhookPath(name),
			})),
			endpoints: [
				{
					name: 'config',
					url: `${receiver.url}/config`,
					secret: 'whsec_endpoint_0123456789',
					events: [...EVENTS],
				},
			],
			retry,
			webhook_retry: retry,
			// The first versions do not know it.
			webhook_health: undefined,
			...more,
		}),
		withUrls: (dump) => dump.replaceAll(RECEIVER, receiver.url),
		withoutUrls: (dump) => dump.replaceAll(receiver.url, RECEIVER),
		close: async () => {
			await slack.close();
			await receiver.close();
		},
	};
}

const webhookPath = (connection: string): string => `/services/T0FAKE/B0FAKE/${connection}`;

/** The message that only the connection `backup` takes. */
export const FALLS_BACK = 'falls back';

/** Events that the endpoints subscribe to. */
export const EVENTS = ['notification.queued', 'notification.delivered'] as const;

/** Sends with an idempotency key, by the key. */
export const KEYED = {
	'order-1': { message: 'done', channels: ['slack:ops'], metadata: { order: 1 } },
} as const;
