import { receive } from '@sureping/engine';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { type Answer, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const send = { message: 'hello', channels: ['console'] };

describe('endpoints over their life', () => {
	let runner: RunnerProcess;
	let sink: RecordingServer;

	beforeAll(async () => {
		sink = await startSink();
		runner = await startRunner({
			webhook_retry: { delays_s: [0.05], jitter: 0, timeout_s: 2 },
			endpoints: [
				{ name: 'of-the-file', url: `${sink.url}/file`, secret: 'whsec_endpoint_0123456789' },
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await sink.close();
	});

	let paths = 0;
	/** A new endpoint for delivered events, with a path of its own. */
	async function endpoint(settings: object = {}): Promise<Answer['body'] & { path: string }> {
		const path = `/${++paths}`;
		const url = sink.url + path;
		const events = ['notification.delivered'];
		const { status, body } = await runner.post('/endpoints', {
			name: 'e',
			url,
			events,
			...settings,
		});
		expect([status, body.errors]).toEqual([201, undefined]);
		return { ...body, path };
	}
	const at = (path: string) => sink.requests.filter((request) => request.path === path);
	async function sendOne(): Promise<string> {
		const { body } = await runner.post('/send', send);
		await ended(runner, body.notification_id);
		return body.notification_id;
	}
	const act = (id: string, verb: string, body: object = {}) =>
		runner.post(`/endpoints/${id}/${verb}`, body);

	it('holds the events of a disabled endpoint and sends each of them once when it is enabled', async () => {
		const { id, path } = await endpoint();
		expect((await act(id, 'disable')).body).toMatchObject({ id, status: 'disabled' });
		const sent = [await sendOne(), await sendOne()];
		const held = await runner.get(`/webhook-deliveries?endpoint=${id}&status=held`);
		expect(held.body.webhook_deliveries).toHaveLength(2);
		expect(at(path)).toHaveLength(0);

		await act(id, 'enable');
		await waitUntil('both arrive', () => at(path).length === 2);
		for (const one of sent) {
			expect(at(path).filter(({ body }) => body.includes(one))).toHaveLength(1);
		}
		await sendOne();
		await waitUntil('the next one arrives too', () => at(path).length === 3);
	});

	it('keeps what is held over a restart', async () => {
		const { id, path } = await endpoint();
		await act(id, 'disable');
		await sendOne();
		await runner.kill('SIGKILL');
		await runner.start();
		expect((await runner.get(`/endpoints/${id}`)).body.status).toBe('disabled');
		await act(id, 'enable');
		await waitUntil('it arrives', () => at(path).length === 1);
	});

	it('of the config file keep what they are owed when they are renamed', async () => {
		const url = `${sink.url}/renamed`;
		const one = { url, secret: 'whsec_endpoint_0123456789', events: ['notification.delivered'] };
		const own = await startRunner({ endpoints: [{ ...one, name: 'before' }] });
		try {
			const [{ id }] = (await own.get('/endpoints')).body.endpoints;
			await own.post(`/endpoints/${id}/disable`, {});
			await ended(own, (await own.post('/send', send)).body.notification_id);
			await own.kill('SIGTERM');
			own.reconfigure({ endpoints: [{ ...one, name: 'after' }] });
			await own.start();
			const after = await own.get(`/endpoints/${id}`);
			expect(after.body).toMatchObject({ name: 'after', status: 'disabled' });
			await own.post(`/endpoints/${id}/enable`, {});
			await waitUntil('it arrives', () => at('/renamed').length === 1);

			await own.kill('SIGTERM');
			own.reconfigure({});
			await own.start();
			await waitUntil('the log says so', () => own.log().includes('no longer in the config'));
		} finally {
			await own.dispose();
		}
	});

	it('signs with the new secret after a rotation, and for a day with the one before', async () => {
		const { id, path, secret } = await endpoint();
		const rotated = (await act(id, 'rotate-secret')).body.secret;
		expect(rotated).not.toBe(secret);
		await sendOne();
		await waitUntil('it arrives', () => at(path).length === 1);
		const [request] = at(path);
		const { 'x-sureping-former-signature': former, ...headers } = request!.headers;
		const verify = (key: string, sent: typeof headers) =>
			receive(
				'sureping',
				{ method: 'POST', url: path, headers: sent, body: request!.bytes },
				[key],
				{ now: request!.at },
			);
		expect(verify(rotated, headers).ok).toBe(true);
		// A receiver that does not know the second header is on its own; ours is not.
		expect(verify(secret, headers)).toEqual({ ok: false, reason: 'bad_signature' });
		expect(verify(secret, request!.headers).ok).toBe(true);
		expect(verify('whsec_somebody_elses_0123456789', request!.headers).ok).toBe(false);
		expect(String(former)).not.toContain(',');
		const shown = (await runner.get(`/endpoints/${id}`)).body.former_secrets_until;
		expect(Date.parse(shown[0]) - Date.now()).toBeGreaterThan(23 * 3600_000);
	});

	it('posts a test event and tells what came back', async () => {
		const { id, path } = await endpoint();
		expect((await act(id, 'test')).body).toMatchObject({ ok: true, status: 200 });
		expect(JSON.parse(at(path)[0]!.body)).toMatchObject({ metadata: { test: true } });
		sink.answer({ status: 503 });
		expect((await act(id, 'test')).body).toMatchObject({
			ok: false,
			status: 503,
			error: { code: 'SERVICE_UNAVAILABLE' },
		});
		const stored = await runner.get(`/webhook-deliveries?endpoint=${id}`);
		expect(stored.body.webhook_deliveries).toEqual([]);
	});

	it('logs each request, gives up after the last, and sends again by hand', async () => {
		const { id, path } = await endpoint();
		await act(id, 'disable');
		await sendOne();
		// Whatever the other endpoint still gets comes before this one is enabled.
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		sink.answer({ status: 500 }, { status: 500 });
		await act(id, 'enable');
		const list = (status: string) =>
			runner.get(`/webhook-deliveries?endpoint=${id}&status=${status}`);
		await waitUntil(
			'it is given up',
			async () => (await list('exhausted')).body.webhook_deliveries.length === 1,
		);
		const [given] = (await list('exhausted')).body.webhook_deliveries;
		expect(given).toMatchObject({
			event: 'notification.delivered',
			endpoint_id: id,
			attempts: [
				{ status: 500, error: { code: 'SERVICE_UNAVAILABLE' } },
				{ status: 500, error: { code: 'SERVICE_UNAVAILABLE' } },
			],
		});
		const again = await runner.post(`/webhook-deliveries/${given.id}/retry`, {});
		expect([again.status, again.body]).toEqual([
			202,
			{ id: given.id, status: 'pending', next_attempt_at: expect.any(String) },
		]);
		await waitUntil(
			'it is delivered',
			async () => (await list('delivered')).body.webhook_deliveries.length === 1,
		);
		expect(at(path)).toHaveLength(3);
		expect((await runner.post(`/webhook-deliveries/${given.id}/retry`, {})).status).toBe(409);
		expect((await runner.post('/webhook-deliveries/whd_nope/retry', {})).status).toBe(404);
	});

	it('holds what is retried by hand while the endpoint is disabled', async () => {
		const { id, path } = await endpoint();
		await act(id, 'disable');
		await sendOne();
		const [held] = (await runner.get(`/webhook-deliveries?endpoint=${id}&status=held`)).body
			.webhook_deliveries;
		const again = await runner.post(`/webhook-deliveries/${held.id}/retry`, {});
		expect([again.status, again.body]).toEqual([202, { id: held.id, status: 'held' }]);
		expect(at(path)).toHaveLength(0);
	});

	it('says what is wrong inside a setting that may be written in several ways', async () => {
		const { id } = await endpoint();
		const refused = await runner.call('PATCH', `/endpoints/${id}`, { retry: { delays_s: [-1] } });
		expect([refused.status, refused.body.errors]).toEqual([
			422,
			[{ path: 'retry.delays_s.0', message: 'must be at least 0' }],
		]);
		const other = await runner.call('PATCH', `/endpoints/${id}`, { retry: 3 });
		expect(other.body.errors).toEqual([
			{
				path: 'retry',
				message: 'must be true or false or an object, not a number',
			},
		]);
	});

	it('changes an endpoint, but not to the URL of another one', async () => {
		const [one, other] = [await endpoint(), await endpoint()];
		const patch = (body: object) => runner.call('PATCH', `/endpoints/${one.id}`, body);
		expect((await patch({ ack: 'strict-200', retry: false })).body).toMatchObject({
			ack: 'strict-200',
		});
		const taken = await patch({ url: other.url });
		expect(taken.body).toMatchObject({ status: 409, endpoint_id: other.id });
		expect((await runner.get(`/endpoints/${other.id}`)).body.url).toBe(other.url);
		expect((await runner.call('PATCH', '/endpoints/ep_nope', {})).status).toBe(404);
	});

	it('has nothing to retry once the endpoint is removed', async () => {
		const { id } = await endpoint({ retry: false });
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		await act(id, 'disable');
		await sendOne();
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		sink.answer({ status: 500 });
		await act(id, 'enable');
		let given: Answer['body'];
		await waitUntil('it is given up', async () => {
			const { body } = await runner.get(`/webhook-deliveries?endpoint=${id}&status=exhausted`);
			[given] = body.webhook_deliveries;
			return given !== undefined;
		});
		await runner.call('DELETE', `/endpoints/${id}`);
		expect((await runner.post(`/webhook-deliveries/${given.id}/retry`, {})).status).toBe(409);
	});

	it('replays what was, from a cursor, a time, or only what failed', async () => {
		const start = (await runner.get('/events?limit=1000')).body;
		const ids = [await sendOne(), await sendOne(), await sendOne()];
		const { id, path } = await endpoint();
		const replay = async (body: object): Promise<number> => {
			const started = await act(id, 'replay', body);
			expect(started.status).toBe(202);
			let found: Answer['body'];
			await waitUntil('the replay is done', async () => {
				found = (await runner.get(`/replays/${started.body.replay_id}`)).body;
				return found.status === 'done';
			});
			return found.replayed;
		};
		expect(await replay({ cursor: start.next_cursor })).toBe(3);
		await waitUntil('all three arrive', () => at(path).length === 3);
		expect(at(path).every(({ body }) => ids.some((one) => body.includes(one)))).toBe(true);
		expect(await replay({ only_failed: true })).toBe(0);
		expect(await replay({ since: new Date(Date.now() + 60_000).toISOString() })).toBe(0);
		expect(await replay({ cursor: start.next_cursor, types: ['notification.failed'] })).toBe(0);
		expect((await act(id, 'replay', { since: 'yesterday' })).status).toBe(422);
		const backwards = { since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' };
		for (const [body, path] of [
			[backwards, 'until'],
			[{ cursor: '999999' }, 'cursor'],
		] as const) {
			const refused = await act(id, 'replay', body);
			expect([refused.status, refused.body.errors?.[0].path]).toEqual([422, path]);
		}
		expect((await act('ep_nope', 'replay', {})).status).toBe(404);
	});

	it('never retries an ephemeral endpoint, and says when it goes', async () => {
		const { id, path, expires_at } = await endpoint({ ephemeral: true });
		expect(Date.parse(expires_at)).toBeGreaterThan(Date.now());
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		await act(id, 'disable');
		await sendOne();
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		sink.answer({ status: 500 });
		await act(id, 'enable');
		await waitUntil('it is given up at once', async () => {
			const { body } = await runner.get(`/webhook-deliveries?endpoint=${id}&status=exhausted`);
			return body.webhook_deliveries.length === 1;
		});
		expect(at(path)).toHaveLength(1);
	});

	it('leaves the endpoints of the config file to the config file', async () => {
		const { endpoints } = (await runner.get('/endpoints')).body;
		const own = endpoints.find(({ name }: { name: string }) => name === 'of-the-file');
		for (const [method, path] of [
			['DELETE', ''],
			['PATCH', ''],
			['POST', '/rotate-secret'],
		] as const) {
			const answer = await runner.call(
				method,
				`/endpoints/${own.id}${path}`,
				method === 'DELETE' ? undefined : {},
			);
			expect([method, answer.status]).toEqual([method, 409]);
		}
	});
});
