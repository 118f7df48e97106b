import {
	DEFAULT_HEALTH_RULES,
	type HttpClient,
	type HttpReply,
	type TransportFailure,
} from '@sureping/engine';
import type { Callback } from '../../../../runner/store/contract/sends.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { openBedOn } from '../bed.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const events = ['notification.queued'] as const;
const OK: HttpReply = { status: 200, headers: {}, body: '' };
const DOWN: TransportFailure = { failure: 'connection', detail: 'refused' };
const SLOTS = 128;

interface Sent {
	readonly url: string;
	/** Milliseconds since the start. */
	readonly at: number;
	/** From the event to this request, in milliseconds. */
	readonly afterMs: number;
}

const callback = (url: string): Callback => ({
	url,
	profile: 'sureping',
	reportType: 'all',
	apiKey: 'test',
});

type Answer = HttpReply | TransportFailure;

describe('webhooks', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	let sent: Sent[];

	const open = async (): Promise<void> => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
		sent = [];
	};
	beforeEach(open);
	afterEach(() => scene.dispose());

	const recording =
		(answer: (url: string) => Answer | Promise<Answer>): HttpClient =>
		async ({ url, body = '' }) => {
			const { timestamp } = JSON.parse(body) as { timestamp: string }; // As our own format has it.
			const now = clock.now();
			sent.push({ url, at: now - START, afterMs: now - Date.parse(timestamp) });
			return await answer(url);
		};

	const pass = (ms: number): Promise<void> => clock.run(clock.sleep(ms));
	const sentTo = (host: string): readonly Sent[] =>
		sent.filter(({ url }) => new URL(url).hostname === host);

	describe('callbacks', () => {
		const claimedBy = async (limit: number): Promise<readonly string[]> =>
			(await scene.store.webhooks.claim(clock.now(), limit)).map(({ to }) =>
				'endpoint' in to ? to.endpoint.id : to.callback.url,
			);

		it('at one host share its room, whatever their ports', async () => {
			await Promise.all(
				Array.from({ length: 100 }, (_, i) =>
					scene.queued({}, [callback(`http://one.example:${1000 + i}/`)]),
				),
			);
			await scene.queued({}, [callback('http://other.example/')]);
			const claimed = await claimedBy(SLOTS);
			expect(claimed).toContain('http://other.example/');
			expect(claimed.length).toBeLessThanOrEqual(SLOTS / 2);
		});

		it('have half of all room together, however many hosts they name', async () => {
			const hosts = Array.from({ length: 40 }, (_, i) => `http://host-${i}.example/`);
			for (let i = 0; i < 5; i++) {
				await Promise.all(hosts.map((url) => scene.queued({}, [callback(url)])));
			}
			expect(await claimedBy(SLOTS)).toHaveLength(SLOTS / 2);
			await scene.endpoint('ep_1', { events });
			await scene.queuedMany(20);
			expect(await claimedBy(SLOTS / 2)).toEqual(new Array(20).fill('ep_1'));
		});

		it('to a host that is down are not sent, but for probes and their last attempts, and do not wait for ever', async () => {
			await Promise.all(
				Array.from({ length: 30 }, () => scene.queued({}, [callback('http://one.example/')])),
			);
			const pusher = scene.pusher(
				clock,
				recording(() => DOWN),
			);
			pusher.wake();
			await pass(1);
			expect(sent).toHaveLength(30);
			// After 30 s, 2 min, 10 min, 30 min and 1 h.
			const lastAt = (30 + 120 + 600 + 1800 + 3600) * SECOND;
			await pass(lastAt - 1000);
			const before = sent.length;
			expect(before).toBeLessThanOrEqual(30 + 15);
			await pass(2 * MINUTE);
			expect(sent).toHaveLength(before + 30);
			const { items } = await scene.store.webhooks.list({ state: 'exhausted' }, { limit: 100 });
			expect(items.map(({ attempts }) => attempts.length)).toEqual(new Array(30).fill(6));
			await pusher.stop();
		});

		it('go on as soon as a probe finds that their host is back', async () => {
			const send = (): Promise<unknown> => scene.queued({}, [callback('http://one.example/')]);
			for (let i = 0; i < 10; i++) await send();
			let isUp = false;
			const pusher = scene.pusher(
				clock,
				recording(() => (isUp ? OK : DOWN)),
			);
			pusher.wake();
			await pass(1000);
			await send();
			pusher.wake();
			await pass(1000);
			expect(sent).toHaveLength(10);
			isUp = true;
			await pass(40 * SECOND);
			expect(sent).toHaveLength(21);
			await pusher.stop();
		});

		it('wait while their host asks for a pause, and those to others do not', async () => {
			await scene.queued({}, [callback('http://one.example/a')]);
			const pusher = scene.pusher(
				clock,
				recording((url) =>
					url.endsWith('/a') ? { ...OK, status: 429, headers: { 'retry-after': '600' } } : OK,
				),
			);
			pusher.wake();
			await pass(10 * SECOND);
			await scene.queued({}, [callback('http://one.example/b')]);
			await scene.queued({}, [callback('http://two.example/b')]);
			pusher.wake();
			await pass(20 * MINUTE);
			expect(sentTo('two.example').map(({ at }) => at)).toEqual([10 * SECOND]);
			const toB = sentTo('one.example').filter(({ url }) => url.endsWith('/b'));
			expect(toB.map(({ at }) => at)).toEqual([10 * MINUTE]);
			await pusher.stop();
		});
	});

	describe('webhooks of other endpoints', () => {
		const HANGING = [
			'an endpoint that hangs, with thousands owed',
			'callbacks to a host that hangs on many ports',
			'callbacks to many hosts that hang',
		] as const;
		type Hanging = (typeof HANGING)[number];
		const WORKING = [
			{ id: 'ep_fast', takesMs: 200, settings: {} },
			{ id: 'ep_slow', takesMs: 500, settings: {} },
			{ id: 'ep_rated', takesMs: 50, settings: { rateLimit: { max: 5, windowMs: 250 } } },
		];
		const BURSTS = 20;
		const A_BURST = 15;
		// It would soon be left alone otherwise.
		const rules = { ...DEFAULT_HEALTH_RULES, breaker: { failures: Infinity, probeMs: 1000 } };

		/** The 99th percentile of the time from event to request, by endpoint. */
		const measure = async (hangs: 'nothing' | Hanging): Promise<ReadonlyMap<string, number>> => {
			let count = 0;
			const callbacks = (): readonly Callback[] => {
				const number = count++;
				if (hangs === HANGING[1]) return [callback(`http://hangs.example:${1000 + number}/`)];
				return hangs === HANGING[2] ? [callback(`http://hangs-${number}.example/`)] : [];
			};
			const burst = (size: number): Promise<unknown> =>
				Promise.all(Array.from({ length: size }, () => scene.queued({}, callbacks())));

			if (hangs === HANGING[0]) await scene.endpoint('ep_hangs', { events });
			if (hangs !== 'nothing') await burst(2000);
			const url = (id: string): string => `http://${id.replace('_', '-')}.example/`;
			for (const { id, settings } of WORKING) {
				await scene.endpoint(id, { events, profile: 'sureping', url: url(id), ...settings });
			}
			const pusher = scene.pusher(
				clock,
				recording(async (to) => {
					const working = WORKING.find(({ id }) => url(id) === to);
					await clock.sleep(working?.takesMs ?? 10 * SECOND);
					return working ? OK : { failure: 'timeout', detail: '10 seconds' };
				}),
				{ rules },
			);
			pusher.wake();
			await pass(SECOND);
			for (let i = 0; i < BURSTS; i++) {
				await burst(A_BURST);
				pusher.wake();
				await pass(SECOND);
			}
			await pass(2 * SECOND);
			void pusher.stop();
			return new Map(
				WORKING.map(({ id }) => {
					const times = sentTo(new URL(url(id)).hostname).map(({ afterMs }) => afterMs);
					expect(times).toHaveLength(BURSTS * A_BURST);
					times.sort((a, b) => a - b);
					return [id, times[Math.floor(times.length * 0.99)] ?? Infinity];
				}),
			);
		};

		it.each(HANGING)(
			'come within 1.5 times of the p99 that they have alone, from event to request, beside %s',
			async (hangs) => {
				const alone = await measure('nothing');
				await scene.dispose();
				await open();
				const beside = await measure(hangs);
				expect(alone.get('ep_rated')).toBeGreaterThan(0);
				for (const [id, p99] of beside) expect(p99).toBeLessThanOrEqual(1.5 * (alone.get(id) ?? 0));
			},
			60_000,
		);
	});
});
