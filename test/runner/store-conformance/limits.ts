import { BUSY, DispatchStore, OK, START } from '../../support/dispatch-store.ts';
import { openBedOn } from './bed.ts';

type Connections = Parameters<typeof DispatchStore.open>[0];
type Answer = Parameters<typeof DispatchStore.open>[1];

const dispatchStore = (connections: Connections, answer: Answer): Promise<DispatchStore> =>
	DispatchStore.open(connections, answer, openBedOn);
const iso = (ms: number): string => new Date(START + ms).toISOString();
const hang = (): Promise<never> => new Promise(() => undefined);

describe('limits', () => {
	describe('deliveries through several connections', () => {
		let scene: DispatchStore;
		afterEach(() => scene.dispose());

		/** Attempts that began in each second. */
		const bySecond = (connection: string): number[] => {
			const counts: number[] = [];
			for (const { at } of scene.triedThrough(connection)) {
				const second = Math.floor(at / 1000);
				counts[second] = (counts[second] ?? 0) + 1;
			}
			return Array.from(counts, (count) => count ?? 0);
		};

		it('keep to a rate, and those of another connection do not wait for them', async () => {
			scene = await dispatchStore({ slow: { rate: { perS: 10, burst: 5 } }, fast: {} }, () => OK);
			await scene.sendMany(45, 'slow');
			await scene.sendMany(200, 'fast');
			await scene.runUntil(() => scene.tried.length === 245);
			expect(bySecond('slow')).toEqual([14, 10, 10, 10, 1]);
			expect(bySecond('fast')).toEqual([200]);
		});

		it('keep to a recipient’s rate, which holds up nobody else and nothing critical', async () => {
			const recipientRate = () => ({ perS: 1, burst: 1 });
			scene = await dispatchStore({ bot: { recipientRate } }, () => OK);
			await scene.sendMany(600, 'bot', { recipient: 'flooded' });
			await scene.send('bot', { recipient: 'other' });
			await scene.send('bot', { recipient: 'flooded', priority: 'critical' });
			await scene.runFor(3_500);
			const at = (recipient: string): number[] =>
				scene.tried.filter((one) => one.recipient === recipient).map((one) => one.at);
			expect(at('other')).toEqual([expect.closeTo(0, -2)]);
			expect(at('flooded')).toEqual([0, 0, 1000, 2000, 3000]);
			// The turns that were reserved are kept: what comes later does not push in.
			await scene.send('bot', { recipient: 'flooded' });
			await scene.runFor(600_000);
			expect(at('flooded')).toHaveLength(602);
			expect(Math.max(...at('flooded'))).toBe(600_000);
		});

		it('stay below the connection’s concurrency', async () => {
			scene = await dispatchStore({ narrow: { concurrency: 3 } }, hang);
			await scene.sendMany(50, 'narrow');
			await scene.runFor(5_000);
			expect(scene.tried).toHaveLength(3);
			expect(scene.gates.status('webhook:narrow', scene.clock.now()).underWay).toBe(3);
		});

		it('go on where others hang, however much waits there and however many hang', async () => {
			const hanging = Array.from({ length: 9 }, (_, i) => [`hangs-${i}`, {}] as const);
			scene = await dispatchStore({ ...Object.fromEntries(hanging), works: {} }, (connection) =>
				connection === 'works' ? OK : hang(),
			);
			for (const [name] of hanging) await scene.sendMany(100, name);
			await scene.sendMany(500, 'works');
			await scene.runUntil(() => scene.triedThrough('works').length === 500);
			expect(scene.clock.now()).toBe(START);
			expect(scene.tried.length - 500).toBeLessThan(256);
		});

		it('begin with what is critical', async () => {
			scene = await dispatchStore({ one: { concurrency: 1 } }, () => OK);
			await scene.sendMany(20, 'one', { recipient: 'normal' });
			await scene.send('one', { recipient: 'urgent', priority: 'critical' });
			await scene.runUntil(() => scene.tried.length === 21);
			expect(scene.tried[0]?.recipient).toBe('urgent');
		});

		it('give a turn in five to normal ones that have waited longer', async () => {
			scene = await dispatchStore({ one: { rate: { perS: 5, burst: 1 } } }, () => OK);
			await scene.sendMany(30, 'one', { recipient: 'normal' });
			for (let second = 0; second < 20; second++) {
				await scene.sendMany(7, 'one', { recipient: 'urgent', priority: 'critical' });
				await scene.runFor(1_000);
			}
			const turns = scene.tried.map(({ recipient }) => recipient);
			expect(turns).toHaveLength(101);
			expect(turns.filter((recipient) => recipient === 'normal').length).toBeGreaterThanOrEqual(19);
			expect(turns.filter((recipient) => recipient === 'urgent').length).toBeGreaterThanOrEqual(79);
		});

		it('give critical ones all turns that no normal one waits for longer', async () => {
			scene = await dispatchStore({ one: { rate: { perS: 10, burst: 10 } } }, () => OK);
			await scene.sendMany(25, 'one', { recipient: 'urgent', priority: 'critical' });
			await scene.runFor(500);
			await scene.sendMany(5, 'one', { recipient: 'normal' });
			await scene.runUntil(() => scene.tried.length === 30);
			const turns = scene.tried.map(({ recipient }) => recipient);
			expect(turns.slice(0, 25)).toEqual(new Array(25).fill('urgent'));
		});

		it('go on where others hang with critical ones', async () => {
			scene = await dispatchStore({ hangs: {}, too: {}, works: {} }, (connection) =>
				connection === 'works' ? OK : hang(),
			);
			for (const name of ['hangs', 'too']) {
				await scene.sendMany(200, name, { priority: 'critical' });
				await scene.runFor(1);
			}
			const before = scene.clock.now();
			await scene.sendMany(100, 'works');
			await scene.runUntil(() => scene.triedThrough('works').length === 100);
			expect(scene.clock.now()).toBe(before);
		});

		it('wait for send_at without keeping anything else', async () => {
			scene = await dispatchStore({ one: { rate: { perS: 1, burst: 1 } } }, () => OK);
			await scene.send('one', { recipient: 'later', send_at: iso(60_000) });
			await scene.send('one', { recipient: 'now' });
			await scene.runUntil(() => scene.tried.length === 2);
			expect(scene.tried).toMatchObject([
				{ recipient: 'now', at: 0 },
				{ recipient: 'later', at: 60_000 },
			]);
		});

		it('expire in time although their connection has no room for years', async () => {
			scene = await dispatchStore({ one: { rate: { perS: 0.000_001, burst: 1 } } }, () => OK);
			await scene.send('one');
			await scene.runUntil(() => scene.tried.length === 1);
			const id = await scene.send('one', { expires_at: iso(30_000) });
			await scene.runFor(30_000);
			const { notification, events } = await scene.read(id);
			expect(notification.deliveries).toMatchObject([{ state: 'expired', attempts: [] }]);
			expect(events.at(-1)?.timestamp).toBe(iso(30_000));
		});

		it('go on after a restart of the store', async () => {
			scene = await dispatchStore({ one: {} }, () => OK);
			const id = await scene.send('one', { send_at: iso(1_000) });
			expect(await scene.store.deliveries.nextAt(START)).toBe(START + 1_000);
			await scene.runUntil(() => scene.tried.length === 1);
			await scene.runFor(1);
			expect((await scene.read(id)).status).toBe('delivered');
		});

		describe('when this host is the cause', () => {
			const EXHAUSTED = { failure: 'exhausted', detail: 'no files (EMFILE)' } as const;
			const OFFLINE = { failure: 'offline', detail: 'no resolver (EAI_AGAIN)' } as const;
			const REFUSED = { failure: 'connection', detail: 'ECONNREFUSED' } as const;
			const attemptsOf = async (id: string): Promise<readonly (string | undefined)[]> => {
				const { notification } = await scene.read(id);
				return (notification.deliveries[0]?.attempts ?? []).map(({ error }) => error?.code);
			};

			it('are made again a second later and not counted, for as long as it is out of something', async () => {
				let answers = 0;
				scene = await dispatchStore({ one: {} }, () => (++answers <= 30 ? EXHAUSTED : OK));
				const id = await scene.send('one', { retry: false });
				await scene.runUntil(() => scene.tried.length === 31);
				await scene.runFor(1);
				expect(scene.tried.map(({ at }) => at)).toEqual(
					Array.from({ length: 31 }, (_, i) => i * 1000),
				);
				expect(await attemptsOf(id)).toEqual([undefined]);
				expect((await scene.read(id)).status).toBe('delivered');
			});

			it('expire all the same', async () => {
				scene = await dispatchStore({ one: {} }, () => EXHAUSTED);
				const id = await scene.send('one', { retry: false, expires_at: iso(2_500) });
				await scene.runFor(2_501);
				expect(scene.tried).toHaveLength(3);
				expect((await scene.read(id)).notification.deliveries[0]?.state).toBe('expired');
			});

			it('have their last attempt a minute later at most when it reaches nobody', async () => {
				scene = await dispatchStore({ back: {}, away: {} }, (connection) =>
					connection === 'back' && scene.clock.now() >= START + 30_000 ? OK : OFFLINE,
				);
				const back = await scene.send('back', { retry: false });
				const away = await scene.send('away', { retry: false });
				await scene.runFor(66_000);
				expect(await attemptsOf(back)).toEqual([undefined]);
				expect(await attemptsOf(away)).toEqual(['CONNECTION_FAILED']);
				expect((await scene.read(away)).status).toBe('failed');
				expect(scene.triedThrough('away').at(-1)?.at).toBe(60_000);
			});

			it('count as ever while their policy has attempts left, and find no connection down', async () => {
				scene = await dispatchStore({ one: {}, other: {} }, (connection) =>
					connection === 'one' ? OFFLINE : REFUSED,
				);
				const ids = await scene.sendMany(20, 'one');
				await scene.sendMany(20, 'other');
				await scene.runFor(1_000);
				expect(await attemptsOf(ids[0] ?? '')).toEqual(['CONNECTION_FAILED']);
				const statusOf = (name: string): string =>
					scene.gates.status(`webhook:${name}`, scene.clock.now()).status;
				expect([statusOf('one'), statusOf('other')]).toEqual(['ok', 'down']);
			});
		});

		describe('when the service answers 429', () => {
			it('are all paused for as long as it says, and lose no attempt by it', async () => {
				const limited = { status: 429, headers: { 'retry-after': '120' }, body: '' };
				let answers = 0;
				scene = await dispatchStore({ one: { concurrency: 1 }, other: {} }, (connection) =>
					connection === 'one' && ++answers === 1 ? limited : OK,
				);
				const ids = await scene.sendMany(30, 'one');
				await scene.send('other');
				await scene.runFor(119_000);
				expect(scene.triedThrough('one')).toHaveLength(1);
				expect(scene.triedThrough('other')).toHaveLength(1);
				expect(scene.gates.status('webhook:one', scene.clock.now())).toEqual({
					status: 'paused',
					until: START + 120_000,
					underWay: 0,
				});
				await scene.runUntil(() => scene.triedThrough('one').length === 31);
				await scene.runFor(1);
				const attempts = await Promise.all(
					ids.map(async (id) => (await scene.read(id)).notification.deliveries[0]?.attempts.length),
				);
				expect(attempts.sort().reverse()).toEqual([2, ...new Array<number>(29).fill(1)]);
			});

			const paused = async (retryAfter: string): Promise<void> => {
				scene = await dispatchStore({ one: { concurrency: 1 }, spare: {} }, (connection) =>
					connection === 'one'
						? { status: 429, headers: { 'retry-after': retryAfter }, body: '' }
						: OK,
				);
				await scene.send('one', { retry: false });
				await scene.runFor(1_000);
			};
			const fallback = { fallback_channels: ['webhook:spare'] };

			it('fail at the end of their policy where the pause is longer, so that the fallback starts as it says', async () => {
				await paused('9999999');
				const id = await scene.send('one', fallback);
				await scene.runUntil(() => scene.triedThrough('spare').length === 1);
				expect(scene.clock.now()).toBe(START + 1_000 + 375_000);
				expect(scene.triedThrough('one')).toHaveLength(1);
				await scene.runFor(1);
				const { notification, events } = await scene.read(id);
				const states = notification.deliveries.map(({ state, attempts }) => [
					state,
					attempts.length,
				]);
				expect(states).toEqual([
					['failed', 0],
					['delivered', 1],
				]);
				expect(events.find((one) => one.event === 'notification.failed')?.error?.code).toBe(
					'RATE_LIMITED',
				);
			});

			it('fail at once where they have a single attempt and the pause lasts more than a minute', async () => {
				await paused('120');
				await scene.send('one', { retry: false, priority: 'critical', ...fallback });
				await scene.runFor(0);
				expect(scene.triedThrough('spare')).toMatchObject([{ at: 1_000 }]);
				expect(scene.triedThrough('one')).toHaveLength(1);
			});

			it('wait for the end of a pause of up to a minute, with a single attempt too', async () => {
				await paused('50');
				await scene.send('one', { retry: false, ...fallback });
				await scene.runUntil(() => scene.triedThrough('spare').length === 1);
				expect(scene.triedThrough('one')).toMatchObject([{ at: 0 }, { at: 50_000 }]);
			});

			it('wait for the end of a short pause however late they are for another reason', async () => {
				scene = await dispatchStore({ one: { concurrency: 1 } }, () => OK);
				await scene.sendMany(5, 'one', { retry: false });
				// As while nothing ran, or as when the clock is set forward.
				scene.clock.advance(3_600_000);
				const error = { code: 'RATE_LIMITED', message: 'busy' } as const;
				const outcome = { result: 'failed', error, permanent: false, retryAfterMs: 5_000 } as const;
				scene.gates.settle('webhook:one', 'dlv_before', outcome, scene.clock.now());
				await scene.runFor(6_000);
				expect(scene.triedThrough('one')).toHaveLength(5);
			});

			it('are given up together with the one that was asked to wait for a week', async () => {
				scene = await dispatchStore({ one: {}, spare: {} }, (connection) =>
					connection === 'one'
						? { status: 429, headers: { 'retry-after': '604800' }, body: '' }
						: OK,
				);
				const id = await scene.send('one', fallback);
				await scene.runUntil(() => scene.triedThrough('spare').length === 1);
				expect(scene.clock.now()).toBe(START + 375_000);
				expect(scene.triedThrough('one')).toHaveLength(1);
				await scene.runFor(1);
				expect((await scene.read(id)).status).toBe('delivered');
			});

			it('wait for an hour at most, whatever it asks', async () => {
				await paused('9999999');
				expect(scene.gates.status('webhook:one', scene.clock.now())).toMatchObject({
					status: 'paused',
					until: START + 3_600_000,
				});
				await scene.send('one', { retry: { delays_s: [5_000] } });
				await scene.runUntil(() => scene.triedThrough('one').length === 2);
				expect(scene.clock.now()).toBe(START + 3_600_000);
			});
		});
	});

	describe('a connection that is down', () => {
		let scene: DispatchStore;
		afterEach(() => scene.dispose());
		const breaker = { failures: 5, probeAfterMs: 5_000, longestProbeMs: 20_000 };
		const attemptsOf = async (id: string): Promise<number | undefined> =>
			(await scene.read(id)).notification.deliveries[0]?.attempts.length;

		it('is only probed, by one delivery at a time and ever more seldom; the others wait and lose no attempt', async () => {
			let isUp = false;
			scene = await dispatchStore({ one: { breaker, concurrency: 5 } }, () => (isUp ? OK : BUSY));
			const ids = await scene.sendMany(100, 'one');
			await scene.runFor(59_000);
			expect(scene.gates.status('webhook:one', scene.clock.now()).status).toBe('down');
			// Five that opened it, and probes after 5, 10, 20 and 20 seconds.
			expect(scene.tried.map(({ at }) => at)).toEqual([
				0, 0, 0, 0, 0, 5_000, 15_000, 35_000, 55_000,
			]);
			isUp = true;
			await scene.runFor(17_000);
			expect(scene.gates.status('webhook:one', scene.clock.now()).status).toBe('ok');
			const attempts = await Promise.all(ids.map(attemptsOf));
			expect(attempts.filter((count) => count === 1).length).toBeGreaterThanOrEqual(91);
			await scene.runFor(600_000);
			expect(scene.tried).toHaveLength(109);
			for (const id of ids) expect((await scene.read(id)).status).toBe('delivered');
		});

		it('fails what waits for it when its policy ends, and not later: the fallback starts as it would have', async () => {
			scene = await dispatchStore({ down: { breaker }, spare: {} }, (name) =>
				name === 'down' ? BUSY : OK,
			);
			await scene.sendMany(5, 'down');
			await scene.runFor(1_000);
			expect(scene.gates.status('webhook:down', scene.clock.now()).status).toBe('down');

			const id = await scene.send('down', { fallback_channels: ['webhook:spare'] });
			await scene.runUntil(() => scene.triedThrough('spare').length === 1);
			// 15 s, 60 s and 300 s after the first attempt was due.
			expect(scene.clock.now()).toBe(START + 1_000 + 375_000);
			expect(await attemptsOf(id)).toBeLessThanOrEqual(4);
		});

		it('is tried all the same for a delivery that has a single attempt', async () => {
			scene = await dispatchStore({ down: { breaker }, spare: {} }, (name) =>
				name === 'down' ? BUSY : OK,
			);
			await scene.sendMany(5, 'down');
			await scene.runFor(1_000);
			const id = await scene.send('down', { retry: false, fallback_channels: ['webhook:spare'] });
			await scene.runUntil(() => scene.triedThrough('spare').length === 1);
			expect(scene.clock.now()).toBe(START + 1_000);
			expect(await attemptsOf(id)).toBe(1);
		});

		it('lets what waits for it expire in time', async () => {
			scene = await dispatchStore({ down: { breaker } }, () => BUSY);
			await scene.sendMany(5, 'down');
			await scene.runFor(1_000);
			const id = await scene.send('down', { expires_at: iso(31_000) });
			await scene.runFor(30_000);
			const { notification, events } = await scene.read(id);
			expect(notification.deliveries).toMatchObject([{ state: 'expired' }]);
			expect(events.at(-1)?.timestamp).toBe(iso(31_000));
		});

		it('does not count refusals: they show that somebody is there', async () => {
			scene = await dispatchStore({ one: { breaker } }, () => ({
				status: 404,
				headers: {},
				body: '',
			}));
			await scene.sendMany(50, 'one');
			await scene.runUntil(() => scene.tried.length === 50);
			expect(scene.gates.status('webhook:one', scene.clock.now()).status).toBe('ok');
		});

		it('keeps what waited to the rest of its schedule when it comes back and fails again', async () => {
			let answer = BUSY;
			scene = await dispatchStore(
				{ one: { breaker: { ...breaker, longestProbeMs: 5_000 } } },
				() => answer,
			);
			await scene.sendMany(5, 'one', { retry: false });
			await scene.runFor(1_000);
			const id = await scene.send('one', { recipient: 'mine' });
			await scene.runFor(1_000);
			answer = { status: 429, headers: {}, body: '' };
			await scene.runUntil(() => scene.tried.filter((t) => t.recipient === 'mine').length === 4);
			await scene.runFor(1);
			const times = scene.tried.filter((t) => t.recipient === 'mine').map(({ at }) => at);
			// Due at 1 s, held until the probe at 5 s; the others at their times.
			expect(times).toEqual([5_000, 16_000, 76_000, 376_000]);
			expect((await scene.read(id)).status).toBe('failed');
		});
	});
});
