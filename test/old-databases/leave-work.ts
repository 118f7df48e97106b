import { API_KEY, type Answer, ended, type RunnerProcess } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { EVENTS, FALLS_BACK, KEYED, type Surroundings } from './surroundings.ts';

/** Paths of the receiver at which webhooks stay owed. */
export const REFUSED = ['/owed', '/callback'];

const HOUR_MS = 3_600_000;

/** A key with a quota, which the first versions do not know. */
export const QUOTA = {
	api_keys: [
		{
			name: 'test',
			key: API_KEY,
			scopes: ['send', 'read', 'endpoints', 'admin'],
			webhook_secret: 'whsec_callbacks_0123456789',
			quota: { notifications: 1000, per: 'month' },
		},
	],
};

/**
 * Gives a runner of any version work of every kind that it knows, and leaves it under way: ended, retried in an hour,
 * scheduled, with a fallback that waits, cancelled; webhooks posted, owed, and held for a disabled endpoint; a replay.
 */
export async function leaveWork(
	runner: RunnerProcess,
	{ slack, receiver }: Surroundings,
): Promise<void> {
	const endpoint = async (path: string): Promise<string> => {
		const url = receiver.url + path;
		const { status, body } = await runner.post('/endpoints', {
			name: path.slice(1),
			url,
			events: EVENTS,
		});
		must(status === 201, body);
		return body.id;
	};
	const send = async (message: string, more: Record<string, unknown> = {}): Promise<string> => {
		const answer = await runner.post('/send', { message, channels: ['slack:ops'], ...more });
		must(answer.status === 202, answer.body);
		return answer.body.notification_id;
	};
	const failOnce = async (id: string): Promise<void> => {
		await waitUntil(`the first attempt of ${id} has failed`, async () => {
			const { body } = await runner.get(`/notifications/${id}`);
			return body.deliveries[0].attempts.length === 1;
		});
	};
	const later = { send_at: new Date(Date.now() + HOUR_MS).toISOString() };

	const active = await endpoint('/active');
	await endpoint('/owed');
	const held = await endpoint('/held');
	for (const [idempotency_key, body] of Object.entries(KEYED)) {
		await ended(runner, await send(body.message, { ...body, idempotency_key }));
	}
	slack.answer({ status: 500 });
	await failOnce(await send('retried'));
	slack.answer({ status: 500 });
	await failOnce(await send(FALLS_BACK, { fallback_channels: ['slack:backup'] }));
	await send('scheduled', later);
	await ended(runner, await send('called back', { callback_url: `${receiver.url}/callback` }));
	const cancelled = await send('cancelled', later);
	await ifKnown(await runner.post(`/notifications/${cancelled}/cancel`, {}));
	await ifKnown(await runner.post(`/endpoints/${held}/disable`, {}));
	await ended(runner, await send('held'));
	const replay = await runner.post(`/endpoints/${active}/replay`, { cursor: '0' });
	if (ifKnown(replay)) {
		await waitUntil('the replay is through', async () => {
			const { body } = await runner.get(`/replays/${replay.body.replay_id}`);
			return body.status === 'done';
		});
	}
	await waitUntil('every webhook was tried', async () => {
		const { body } = await runner.get('/events?limit=100');
		// The feed's own format.
		const events = body.events as readonly { event: string; notification_id: string }[];
		const owed = events.filter(({ event }) => EVENTS.some((known) => known === event)).length;
		const times = (path: string): number =>
			receiver.requests.filter((request) => request.path === path).length;
		return times('/config') >= owed && times('/active') >= owed && times('/owed') >= owed;
	});
}

/** False when a version does not have the call yet. */
function ifKnown({ status, body }: Answer): boolean {
	if (status === 404) return false;
	must(status < 300, body);
	return true;
}

function must(isAsExpected: boolean, found: unknown): void {
	if (!isAsExpected) throw new Error(`The old runner answered ${JSON.stringify(found)}`);
}
