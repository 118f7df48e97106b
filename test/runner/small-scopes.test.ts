import { startSink } from '../fakes/sink.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const SENDER = 'sp_test_sender_0123456';
const READER = 'sp_test_reader_0123456';
const EDITOR = 'sp_test_editor_0123456';
const MANAGER = 'sp_test_manager_0123456';

describe('a key of small scope', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner({
			api_keys: [
				{ name: 'all', key: API_KEY, scopes: ['admin'], webhook_secret: 'whsec_0123456789abcdef' },
				{ name: 'sender', key: SENDER, scopes: ['send'] },
				{ name: 'reader', key: READER, scopes: ['read'] },
				{ name: 'editor', key: EDITOR, scopes: ['endpoints'] },
				{ name: 'manager', key: MANAGER, scopes: ['manage'] },
			],
			backpressure: { max_endpoints: 3 },
		});
	});
	afterAll(() => runner.dispose());

	it('that may send is told of another’s notification that it was cancelled, and nothing else', async () => {
		const later = {
			message: 'a secret',
			channels: ['console'],
			metadata: { secret: 'very' },
			send_at: new Date(Date.now() + 3_600_000).toISOString(),
		};
		const { body } = await runner.post('/send', later);
		const path = `/notifications/${body.notification_id}/cancel`;
		const cancelled = await runner.post(path, undefined, as(SENDER));
		expect([cancelled.status, cancelled.body]).toEqual([
			200,
			{ notification_id: body.notification_id, status: 'cancelled' },
		]);
		const other = await runner.post('/send', later);
		const whole = await runner.post(
			`/notifications/${other.body.notification_id}/cancel`,
			undefined,
		);
		expect(whole.body).toMatchObject({ metadata: { secret: 'very' } });
	});

	it('that may only read sees no token in the path of a URL', async () => {
		const url = 'https://hooks.example.com/services/T0/B0/token?x=query';
		const { body } = await runner.post('/endpoints', { name: 'slack', url });
		const callback_url = 'https://hooks.example.com/webhook/another-token';
		await runner.post('/send', { message: 'x', channels: ['console'], callback_url });
		for (const path of [
			'/endpoints',
			`/endpoints/${body.id}`,
			'/webhook-deliveries',
			'/events',
			'/operational-events',
		]) {
			const seen = await runner.call('GET', path, undefined, as(READER));
			expect(seen.status).toBe(200);
			expect(JSON.stringify(seen.body)).not.toContain('token');
		}
		const shown = await runner.call('GET', `/endpoints/${body.id}`, undefined, as(READER));
		expect(shown.body.url).toBe('https://hooks.example.com/…');
		const edited = await runner.call('GET', `/endpoints/${body.id}`, undefined, as(EDITOR));
		expect(edited.body.url).toBe('https://hooks.example.com/services/T0/B0/token');
		expect((await runner.call('DELETE', `/endpoints/${body.id}`)).status).toBe(204);
	});

	it('that may manage those who are paged may neither send nor read what was sent', async () => {
		const anna = { id: 'anna', name: 'Anna', addresses: [{ channel: 'console', address: 'x' }] };
		const made = await runner.post('/contacts', anna, as(MANAGER));
		expect([made.status, made.body.addresses]).toEqual([201, anna.addresses]);
		const send = { message: 'x', channels: ['console'], recipient: 'contact:anna' };
		expect((await runner.post('/send', send, as(MANAGER))).status).toBe(403);
		const endpoint = { name: 'n', url: 'https://hooks.example.com/n' };
		expect((await runner.post('/endpoints', endpoint, as(MANAGER))).status).toBe(403);
		for (const path of ['/events', '/notifications', '/contacts', '/webhook-deliveries']) {
			expect((await runner.call('GET', path, undefined, as(MANAGER))).status).toBe(403);
		}
		const removed = await runner.call('DELETE', '/contacts/anna', undefined, as(MANAGER));
		expect(removed.status).toBe(204);
	});

	it('makes so many endpoints and no more, expired ones apart', async () => {
		const make = (n: number) =>
			runner.post('/endpoints', { name: 'n', url: `https://hooks.example.com/${n}` }, as(EDITOR));
		const made = [await make(1), await make(2), await make(3)];
		expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
		const refused = await make(4);
		expect(refused.status).toBe(409);
		expect(refused.body).toMatchObject({
			reason: 'endpoints',
			detail: expect.stringContaining('backpressure.max_endpoints'),
		});
		await runner.call('DELETE', `/endpoints/${made[0]?.body.id}`);
		const again = await make(4);
		expect(again.status).toBe(201);
		for (const { body } of [...made.slice(1), again]) {
			await runner.call('DELETE', `/endpoints/${body.id}`);
		}
	});
});

describe('what was given for one URL', () => {
	it('goes to no other origin: headers are dropped, the secret is a new one, and former ones do not sign', async () => {
		const [first, second] = [await startSink(), await startSink()];
		const runner = await startRunner();
		try {
			const made = await runner.post('/endpoints', {
				name: 'n',
				url: `${first.url}/a`,
				headers: { authorization: 'Bearer given-for-the-first' },
			});
			const { id, secret } = made.body;
			const rotated = await runner.post(`/endpoints/${id}/rotate-secret`, undefined);
			const sameOrigin = await runner.call('PATCH', `/endpoints/${id}`, { url: `${first.url}/b` });
			expect(sameOrigin.body).not.toHaveProperty('secret');
			expect(sameOrigin.body.header_names).toEqual(['authorization']);
			await runner.post(`/endpoints/${id}/test`, undefined);
			expect(first.requests.at(-1)?.headers.authorization).toBe('Bearer given-for-the-first');
			expect(first.requests.at(-1)?.headers).toHaveProperty('x-sureping-former-signature');

			const moved = await runner.call('PATCH', `/endpoints/${id}`, { url: `${second.url}/a` });
			expect(moved.body.secret).toMatch(/^whsec_/);
			expect([secret, rotated.body.secret]).not.toContain(moved.body.secret);
			expect(moved.body).not.toHaveProperty('header_names');
			expect(moved.body).not.toHaveProperty('former_secrets_until');
			await runner.post(`/endpoints/${id}/test`, undefined);
			const got = second.requests.at(-1)?.headers ?? {};
			expect(JSON.stringify(got)).not.toContain('given-for-the-first');
			expect(got).not.toHaveProperty('x-sureping-former-signature');

			const back = await runner.call('PATCH', `/endpoints/${id}`, {
				url: `${first.url}/a`,
				headers: { authorization: 'Bearer anew' },
			});
			expect(back.body.secret).not.toBe(moved.body.secret);
			await runner.post(`/endpoints/${id}/test`, undefined);
			expect(first.requests.at(-1)?.headers.authorization).toBe('Bearer anew');
		} finally {
			await runner.dispose();
			await Promise.all([first.close(), second.close()]);
		}
	});
});
