import { connect, type Socket } from 'node:net';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('limits on what one caller can take', () => {
	let runner: RunnerProcess;
	const sockets: Socket[] = [];
	const send = { message: 'hello', channels: ['console'] };

	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(async () => {
		for (const socket of sockets) socket.destroy();
		await runner.dispose();
	});

	/** A caller that sends `head` and then a byte now and then, for ever. */
	const drip = (head: string): { answer(): string; closedAfter(): number | undefined } => {
		const began = Date.now();
		let answer = '';
		let closedAfter: number | undefined;
		const socket = connect(Number(new URL(runner.url).port), '127.0.0.1', () => socket.write(head));
		sockets.push(socket);
		const timer = setInterval(() => socket.write('x'), 200);
		socket.on('data', (chunk) => (answer += chunk.toString()));
		socket.on('error', () => undefined);
		socket.on('close', () => {
			clearInterval(timer);
			closedAfter = Date.now() - began;
		});
		return { answer: () => answer, closedAfter: () => closedAfter };
	};

	it('ends requests that drip, while others are answered at once', async () => {
		const line = `POST /send HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\n`;
		const inHeaders = Array.from({ length: 100 }, () => drip(`${line}X-Slow: `));
		const inBodies = Array.from({ length: 100 }, () =>
			drip(`${line}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"message":"`),
		);
		let slowest = 0;
		const timer = setInterval(() => {
			const began = Date.now();
			void runner.post('/send', send).then(({ status }) => {
				expect(status).toBe(202);
				slowest = Math.max(slowest, Date.now() - began);
			});
		}, 250);
		const all = [...inHeaders, ...inBodies];
		await waitUntil(
			'all are closed',
			() => all.every((one) => one.closedAfter() !== undefined),
			30_000,
		);
		clearInterval(timer);
		for (const one of inHeaders) expect(one.closedAfter()).toBeLessThan(18_000);
		for (const one of inBodies) expect(one.closedAfter()).toBeLessThan(29_000);
		for (const one of all) {
			expect(one.answer()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
			expect(one.answer()).toContain('application/problem+json');
			expect(one.answer()).toContain('did not arrive in time');
		}
		expect(slowest).toBeGreaterThan(0);
		expect(slowest).toBeLessThan(5_000);
	}, 40_000);

	it('takes bodies of 1 MiB, and of 10 MiB for a batch', async () => {
		const filler = (bytes: number): string => 'x'.repeat(bytes);
		const large = await runner.post('/send', { ...send, message: filler(900 * 1024) });
		expect(large.status).toBe(202);
		const tooLarge = await runner.post('/send', { ...send, message: filler(1024 * 1024) });
		expect([tooLarge.status, tooLarge.body.status]).toEqual([413, 413]);
		const sends = Array.from({ length: 9 }, () => ({ ...send, message: filler(1024 * 1024) }));
		const batch = await runner.post('/send/batch', { sends });
		expect(batch.status).toBe(200);
		const tooLong = await runner.post('/send/batch', { sends: [...sends, ...sends] });
		expect([tooLong.status, tooLong.body.status]).toEqual([413, 413]);
	});
});

describe('the rate limit', () => {
	let runner: RunnerProcess;
	const OTHER = 'sp_test_other_0123456789';
	const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
	const status = async (key: string): Promise<number> =>
		(await runner.call('GET', '/channels', undefined, as(key))).status;

	beforeEach(async () => {
		runner = await startRunner({
			rate_limit: { max: 5, window_s: 1 },
			api_keys: [
				{ name: 'one', key: API_KEY, scopes: ['send', 'read'] },
				{ name: 'other', key: OTHER, scopes: ['read'], rate_limit: { max: 20, window_s: 60 } },
			],
		});
	});
	afterEach(() => runner.dispose());

	it('is kept for each key by itself, and says when to come back', async () => {
		for (let i = 0; i < 5; i++) expect(await status(API_KEY)).toBe(200);
		const refused = await runner.post('/send', { message: 'x', channels: ['console'] });
		expect(refused.status).toBe(429);
		expect(refused.headers.get('retry-after')).toBe('1');
		expect(refused.headers.get('content-type')).toContain('application/problem+json');
		expect(refused.body).toMatchObject({
			status: 429,
			detail: 'The key "one" may send 5 requests in 1 seconds',
		});
		for (let i = 0; i < 20; i++) expect(await status(OTHER)).toBe(200);
		expect(await status(OTHER)).toBe(429);
		await waitUntil('the window has passed', async () => (await status(API_KEY)) === 200);
	});

	it('counts wrong keys by address, and lets the right one and probes through', async () => {
		const answers: number[] = [];
		for (let i = 0; i < 120; i++) answers.push(await status(`sp_test_guess_${i}_0123456`));
		expect(answers.slice(0, 100)).toEqual(new Array(100).fill(401));
		expect(answers.slice(100)).toEqual(new Array(20).fill(429));
		const refused = await runner.call('GET', '/channels', undefined, as('sp_test_guess_0123456'));
		expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
		expect(await status(API_KEY)).toBe(200);
		expect((await runner.call('GET', '/healthz', undefined, {})).status).toBe(200);
	});
});
