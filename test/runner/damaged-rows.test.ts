import { DatabaseSync } from 'node:sqlite';
import { waitUntil } from '../support/wait-until.ts';
import { ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';

const SET_DELIVERIES = 'UPDATE notifications SET deliveries =';

describe('what is stored and cannot be read any more', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner({
			endpoints: [
				{ name: 'nobody', url: 'http://127.0.0.1:9/events', secret: 'whsec_nobody_0123456789' },
			],
		});
	});
	afterAll(() => runner.dispose());

	function change(text: string, ...values: string[]): void {
		const db = new DatabaseSync(runner.database, { timeout: 5_000 });
		db.prepare(text).run(...values);
		db.close();
	}
	async function send(): Promise<string> {
		const { body } = await runner.post('/send', { message: 'm', channels: ['console'] });
		await ended(runner, body.notification_id);
		return body.notification_id;
	}

	it.each([
		['its metadata', "UPDATE notifications SET metadata = '{' WHERE id = ?"],
		['its deliveries', "UPDATE notifications SET deliveries = '[{' WHERE id = ?"],
		['a delivery', `${SET_DELIVERIES} json_set(deliveries, '$[0].attempts', 'x') WHERE id = ?`],
		[
			'what is JSON still',
			`${SET_DELIVERIES} json_set(deliveries, '$[0].attempts', 7) WHERE id = ?`,
		],
		['an event', "UPDATE events SET body = '' WHERE notification_id = ?"],
	])('makes GET /notifications/{id} a 409 that says where to look: %s', async (_name, damage) => {
		const [id, sound] = [await send(), await send()];
		change(damage, id);
		const { status, body } = await runner.get(`/notifications/${id}`);
		expect({ status, body }).toEqual({
			status: 409,
			body: expect.objectContaining({
				status: 409,
				reason: 'damaged',
				detail: expect.stringContaining('GET /dead-letters'),
			}),
		});
		expect((await runner.post(`/notifications/${id}/cancel`, {})).status).toBe(409);
		expect((await runner.get(`/notifications/${sound}`)).status).toBe(200);
		expect((await runner.get('/notifications')).status).toBe(200);
	});

	it('makes GET /webhook-deliveries/{id} one, too', async () => {
		await send();
		const list = await runner.get('/webhook-deliveries?limit=1');
		const [{ id }] = list.body.webhook_deliveries;
		// Its outcome is stored in the same row; the next attempt is half a minute away.
		await waitUntil('its first attempt has ended', async () => {
			const { body } = await runner.get(`/webhook-deliveries/${id}`);
			return body.attempts.length > 0;
		});
		change("UPDATE webhook_deliveries SET attempts = '{' WHERE id = ?", id);
		expect(await runner.get(`/webhook-deliveries/${id}`)).toMatchObject({
			status: 409,
			body: { reason: 'damaged' },
		});
	});
});
