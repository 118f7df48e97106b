import { startHostileServer, type Behaviour } from '../fakes/hostile-server.ts';
import { startRecordingServer } from '../fakes/recording-server.ts';
import { ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { waitUntil } from '../support/wait-until.ts';

const MIB = 1024 * 1024;

/** Time that an attempt may take; the rest is the test's own. */
const TIMEOUT_S = 0.5;

const EXPECTED: Readonly<Record<Behaviour, RegExp | 'delivered'>> = {
	flood: 'delivered',
	// Their status says that the message was taken: another attempt would repeat it.
	drip: 'delivered',
	cutOff: 'delivered',
	dripHeaders: /^TIMEOUT/,
	headers: /^CONNECTION_FAILED: .*more than 16 KiB of headers$/,
	hints: /^TIMEOUT/,
	silence: /^TIMEOUT: The webhook did not respond within 0.5 seconds$/,
	hangUp: /^CONNECTION_FAILED/,
	nonsense: /^CONNECTION_FAILED/,
};
const BEHAVIOURS = Object.keys(EXPECTED) as Behaviour[]; // Its keys are exactly these.

describe('servers that the runner calls', () => {
	let runner: RunnerProcess;
	const servers: Partial<Record<Behaviour, Awaited<ReturnType<typeof startHostileServer>>>> = {};

	beforeAll(async () => {
		for (const behaviour of BEHAVIOURS) {
			servers[behaviour] = await startHostileServer(behaviour);
		}
		runner = await startRunner({
			retry: { delays_s: [0.05], jitter: 0, timeout_s: TIMEOUT_S },
			webhook_retry: { delays_s: [0.05], jitter: 0, timeout_s: TIMEOUT_S },
			connections: [
				{ name: 'terminal', channel: 'console' },
				...BEHAVIOURS.map((behaviour) => ({
					name: behaviour,
					channel: 'webhook',
					url: `${servers[behaviour]!.url}/hook`,
				})),
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await Promise.all(Object.values(servers).map((server) => server.close()));
	});

	const sendTo = async (behaviour: Behaviour) => {
		const channels = [`webhook:${behaviour}`];
		const { status, body } = await runner.post('/send', { message: 'x', channels });
		expect(status).toBe(202);
		return await ended(runner, body.notification_id);
	};

	it.each(BEHAVIOURS)('cost a channel no more than its time: %s', async (behaviour) => {
		const began = Date.now();
		const { status, deliveries } = await sendTo(behaviour);
		expect(Date.now() - began).toBeLessThan(2 * TIMEOUT_S * 1000 + 2_000);
		const expected = EXPECTED[behaviour];
		const error = deliveries[0].attempts.at(-1).error;
		if (expected === 'delivered') expect(status).toBe('delivered');
		else expect(`${error.code}: ${error.message}`).toMatch(expected);
	});

	it.each(BEHAVIOURS)('cost an endpoint’s test no more than its time: %s', async (behaviour) => {
		const url = `${servers[behaviour]!.url}/endpoint`;
		const made = await runner.post('/endpoints', {
			name: behaviour,
			url,
			events: ['notification.bounced'],
		});
		expect(made.status).toBe(201);
		const began = Date.now();
		const tested = await runner.post(`/endpoints/${made.body.id}/test`, undefined);
		expect(Date.now() - began).toBeLessThan(TIMEOUT_S * 1000 + 2_000);
		expect([tested.status, tested.body.ok]).toEqual([200, EXPECTED[behaviour] === 'delivered']);
	});

	it('cannot fill its memory, twenty at a time', async () => {
		const before = await residentBytes(runner);
		const sent = servers.flood!.sent();
		await Promise.all(Array.from({ length: 20 }, () => sendTo('flood')));
		expect((await residentBytes(runner)) - before).toBeLessThan(100 * MIB);
		// Only the bytes in the two kernels' buffers; the rest of the gigabytes was never read.
		expect(servers.flood!.sent() - sent).toBeLessThan(20 * 16 * MIB);
	});

	it('cannot keep it from calling others', async () => {
		const slow = Promise.all(
			Array.from({ length: 20 }, (_, i) => sendTo(i % 2 ? 'silence' : 'drip')),
		);
		let isSlowDone = false;
		void slow.then(
			() => (isSlowDone = true),
			() => undefined,
		);
		const { body } = await runner.post('/send', { message: 'x', channels: ['console'] });
		expect((await ended(runner, body.notification_id)).status).toBe('delivered');
		expect(isSlowDone).toBe(false);
		await slow;
	});

	it('cannot send it elsewhere', async () => {
		const elsewhere = await startRecordingServer(() => ({ status: 200, body: 'ok' }));
		const redirecting = await startRecordingServer(() => ({
			status: 307,
			headers: { location: `${elsewhere.url}/stolen` },
			body: '',
		}));
		try {
			const callback_url = `${redirecting.url}/callback`;
			await runner.post('/send', { message: 'x', channels: ['console'], callback_url });
			// Two attempts, each answered by a redirect.
			await redirecting.received(2);
			await waitUntil('the callback is given up', async () => {
				const { body } = await runner.get('/webhook-deliveries?status=exhausted');
				return body.webhook_deliveries.some(
					(one: { callback_url?: string }) => one.callback_url === callback_url,
				);
			});
			expect(elsewhere.requests).toEqual([]);
		} finally {
			await redirecting.close();
			await elsewhere.close();
		}
	});
});
