import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';

describe('the HTTP interface', () => {
	let runner: RunnerProcess;
	const send = { message: 'hello', channels: ['console'] };

	beforeAll(async () => {
		runner = await startRunner({
			api_keys: [
				{
					name: 'all',
					key: API_KEY,
					scopes: ['send', 'read', 'endpoints'],
					webhook_secret: 'whsec_0123456789abcdef',
				},
				{ name: 'reader', key: 'sp_test_reader_0123456', scopes: ['read'] },
				{ name: 'sender', key: 'sp_test_sender_0123456', scopes: ['send'] },
			],
			security: { allow_hosts: ['localhost'] },
			connections: [
				{ name: 'terminal', channel: 'console' },
				{ name: 'bot', channel: 'slack', bot_token: 'xoxb-secret-token' },
				{
					name: 'mail',
					channel: 'email',
					resend: { api_key: 're_secret_key' },
					from: 'a@example.com',
				},
			],
		});
	});
	afterAll(() => runner.dispose());

	const errorsOf = async (body: unknown): Promise<{ path: string; message: string }[]> => {
		const answer = await runner.post('/send', body);
		expect(answer.status).toBe(422);
		expect(answer.headers.get('content-type')).toContain('application/problem+json');
		expect(answer.body).toMatchObject({
			title: expect.any(String),
			status: 422,
			detail: expect.any(String),
		});
		return answer.body.errors;
	};

	it.each([
		['an empty message', { ...send, message: '' }, 'message', /empty/],
		['no channels', { ...send, channels: [] }, 'channels', /at least one/],
		[
			'an unknown channel',
			{ ...send, channels: ['pigeon'] },
			'channels.0',
			/no connection here; one of: console, slack, email/,
		],
		[
			'an unknown connection',
			{ ...send, channels: ['slack:nope'] },
			'channels.0',
			/one of: slack:bot/,
		],
		[
			'a channel that is listed twice',
			{ ...send, channels: ['console', 'console'] },
			'channels.1',
			/twice/,
		],
		['an unknown field', { ...send, chanels: [] }, 'chanels', /not a known field/],
		['a wrong type', { ...send, message: 5 }, 'message', /string/],
		[
			'a missing recipient',
			{ ...send, channels: ['email'] },
			'recipient',
			/email needs a recipient address/,
		],
		[
			'a recipient that does not fit',
			{ ...send, channels: ['email'], recipient: 'ada' },
			'recipient',
			/e-mail address/,
		],
		[
			'a message that is too long',
			{ ...send, channels: ['slack'], recipient: '#ops', message: 'x'.repeat(40_001) },
			'message',
			/40000/,
		],
		[
			'an expiry in the past',
			{ ...send, expires_at: '2020-01-01T00:00:00Z' },
			'expires_at',
			/future/,
		],
		[
			'an http callback',
			{ ...send, callback_url: 'http://example.com/x' },
			'callback_url',
			/https.*security\.allow_h/,
		],
		[
			'a callback to a metadata address',
			{ ...send, callback_url: 'https://169.254.169.254/' },
			'callback_url',
			/security\.allow_hosts/,
		],
		[
			'a callback to a decimal address',
			{ ...send, callback_url: 'https://2130706433/' },
			'callback_url',
			/loopback/,
		],
		[
			'a callback to a mapped address',
			{ ...send, callback_url: 'https://[::ffff:127.0.0.1]/' },
			'callback_url',
			/loopback/,
		],
	])('refuses %s and says what to change', async (_name, body, path, message) => {
		expect(await errorsOf(body)).toContainEqual({ path, message: expect.stringMatching(message) });
	});

	it('names every mistake at once, of the schema, of the channels and of the URLs', async () => {
		const send = { message: '', channels: ['nope'], callback_url: 'http://127.0.0.1/x' };
		const expected = ['message', 'channels.0', 'callback_url'];
		const alone = await runner.post('/send', send);
		expect(alone.status).toBe(422);
		expect(alone.body.errors.map(({ path }: { path: string }) => path)).toEqual(expected);
		const { body } = await runner.post('/send/batch', { sends: [send] });
		const [result] = body.results;
		expect(result.problem.errors.map(({ path }: { path: string }) => path)).toEqual(expected);
	});

	it('reports every mistake at once', async () => {
		const errors = await errorsOf({ message: '', channels: [], retry: 'yes', foo: 1 });
		expect(errors.map(({ path }) => path).sort()).toEqual(['channels', 'foo', 'message', 'retry']);
	});

	it.each([
		['malformed JSON', '{bad', 400, {}],
		['__proto__', '{"__proto__": {"x": 1}}', 422, {}],
		[
			'a body over 1 MiB',
			JSON.stringify({ ...send, message: 'x'.repeat(2 * 1024 * 1024) }),
			413,
			{},
		],
		['plain text', 'hello', 415, { 'content-type': 'text/plain' }],
		[
			'50,000 nested arrays',
			`{"metadata":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
			422,
			{},
		],
	])('answers %s with a problem document', async (_name, body, status, headers) => {
		const answer = await runner.post('/send', body, headers);
		expect(answer.status).toBe(status);
		expect(answer.body).toMatchObject({ status, title: expect.any(String) });
	});

	it('records nothing of what it refuses', async () => {
		const before = (await runner.get('/events?limit=1000')).body.events.length;
		await errorsOf({ ...send, channels: ['console', 'pigeon'] });
		expect((await runner.get('/events?limit=1000')).body.events.length).toBe(before);
	});

	it('wants a known key with the right scope', async () => {
		const as = (authorization: string) => runner.post('/send', send, { authorization });
		expect((await as('')).status).toBe(401);
		expect((await as('Bearer sp_test_wrong_0123456')).status).toBe(401);
		expect((await as('Bearer sp_test_reader_0123456')).status).toBe(403);
		expect((await as('Bearer sp_test_sender_0123456')).status).toBe(202);
	});

	it('answers 404 as a problem document for an unknown path and an unknown notification', async () => {
		expect((await runner.get('/nothing')).body.status).toBe(404);
		expect((await runner.get('/notifications/msg_nope')).body.status).toBe(404);
	});

	it('answers a repeated idempotency key with the first answer, and another body with 409', async () => {
		const headers = { 'idempotency-key': 'order-1' };
		const first = await runner.post('/send', { ...send, metadata: { a: 1, b: 2 } }, headers);
		const again = await runner.post('/send', { metadata: { b: 2, a: 1 }, ...send }, headers);
		expect([again.status, again.body]).toEqual([202, first.body]);
		const inBody = { ...send, metadata: { a: 1, b: 2 }, idempotency_key: 'order-1' };
		expect((await runner.post('/send', inBody)).body).toEqual(first.body);
		const both = { ...send, idempotency_key: 'another' };
		expect((await runner.post('/send', both, headers)).status).toBe(422);
		const conflict = await runner.post('/send', send, headers);
		expect(conflict.body).toMatchObject({
			status: 409,
			notification_id: first.body.notification_id,
		});
		const sender = { ...headers, authorization: 'Bearer sp_test_sender_0123456' };
		expect((await runner.post('/send', send, sender)).body).not.toEqual(first.body);
	});

	it('sends once when the same key comes twenty times at once', async () => {
		const answers = await Promise.all(
			Array.from({ length: 20 }, () =>
				runner.post('/send', send, { 'idempotency-key': 'at once' }),
			),
		);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
		expect(new Set(answers.map(({ body }) => body.notification_id)).size).toBe(1);
	});

	it('pages through the feed without skipping or repeating', async () => {
		for (let i = 0; i < 5; i++) {
			const { body } = await runner.post('/send', send);
			await ended(runner, body.notification_id);
		}
		const all = (await runner.get('/events?limit=1000')).body;
		const seen: string[] = [];
		let cursor = '';
		for (;;) {
			const page = (await runner.get(`/events?limit=3${cursor && `&after=${cursor}`}`)).body;
			if (page.events.length === 0) break;
			seen.push(...page.events.map((e: { event_id: string }) => e.event_id));
			cursor = page.next_cursor;
		}
		expect(seen).toEqual(all.events.map((e: { event_id: string }) => e.event_id));
		expect((await runner.get(`/events?after=${all.next_cursor}`)).body).toEqual({
			events: [],
			next_cursor: all.next_cursor,
		});
		const delivered = (await runner.get('/events?limit=1000&types=notification.delivered')).body
			.events;
		expect(new Set(delivered.map((e: { event: string }) => e.event))).toEqual(
			new Set(['notification.delivered']),
		);
	});

	it.each(['after=xyz', 'limit=0', 'limit=1001', 'types=nope', 'foo=1'])(
		'refuses GET /events?%s',
		async (query) => {
			expect((await runner.get(`/events?${query}`)).status).toBe(422);
		},
	);

	it.each(['0', '1001', 'abc', '1e2', '-1', ''])(
		'says once what a limit of %j must be',
		async (limit) => {
			const refused = await runner.get(`/events?limit=${limit}`);
			expect(refused.body).toMatchObject({
				status: 422,
				detail: 'limit must be a number from 1 to 1000',
				errors: [{ path: 'limit', message: 'must be a number from 1 to 1000' }],
			});
		},
	);

	it('gives an endpoint its secret once, changes it, and removes it', async () => {
		const url = 'http://localhost:5678/webhook/x';
		const made = await runner.post('/endpoints', {
			name: 'n8n',
			url,
			events: ['notification.failed'],
		});
		expect(made.status).toBe(201);
		expect(made.body).toMatchObject({
			url,
			status: 'enabled',
			secret: expect.stringMatching(/^whsec_/),
		});
		const { id } = made.body;
		expect((await runner.get(`/endpoints/${id}`)).body).not.toHaveProperty('secret');
		const twin = await runner.post('/endpoints', { name: 'other', url });
		expect(twin.body).toMatchObject({ status: 409, endpoint_id: id });
		const changed = await runner.call('PATCH', `/endpoints/${id}`, {
			events: ['notification.delivered'],
		});
		expect(changed.body.events).toEqual(['notification.delivered']);
		expect((await runner.call('DELETE', `/endpoints/${id}`)).status).toBe(204);
		expect((await runner.get(`/endpoints/${id}`)).status).toBe(404);
	});

	it('names the setting that would allow an endpoint which it refuses', async () => {
		const refused = await runner.post('/endpoints', {
			name: 'n8n',
			url: 'http://n8n:5678/webhook/x',
		});
		expect(refused.status).toBe(422);
		expect(refused.body.detail).toContain('"n8n" to security.allow_hosts');
	});

	it('lists channels and connections without their secrets', async () => {
		const { body } = await runner.get('/connections');
		expect(body.connections).toEqual([
			{ name: 'terminal', channel: 'console', recipient_required: false, status: 'ok' },
			{ name: 'bot', channel: 'slack', recipient_required: true, status: 'ok' },
			{ name: 'mail', channel: 'email', recipient_required: true, status: 'ok' },
		]);
		const channels = (await runner.get('/channels')).body.channels;
		expect(channels).toContainEqual({ id: 'slack', title: 'Slack', connections: ['bot'] });
	});

	it('is alive and ready', async () => {
		expect((await runner.get('/healthz')).status).toBe(200);
		expect((await runner.get('/readyz')).status).toBe(200);
	});

	it('keeps keys, tokens and secrets out of its output and its log', async () => {
		const said = runner.output() + runner.log();
		expect(said).toContain('[console]');
		for (const secret of [API_KEY, 'sp_test_', 'whsec_', 'xoxb-', 're_secret']) {
			expect(said).not.toContain(secret);
		}
	});
});
