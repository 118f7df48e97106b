import { createIds, DEFAULT_LIMITS, openConnection, type Rate } from '@sureping/engine';
import { PostgresStore } from '../../runner/store/postgres/index.ts';
import { ConnectionGates, type ConnectionStatus } from '../../runner/workers/connection-gates.ts';
import { EXACT } from '../support/dispatch-scene.ts';
import { BUSY, DispatchStore, OK, START } from '../support/dispatch-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { WebhookStore } from '../support/webhook-store.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

type Connections = Parameters<typeof DispatchStore.openMany>[1];
type Answer = Parameters<typeof DispatchStore.openMany>[2];

/** Worker processes with one database, on a virtual clock. */
class Workers {
	readonly url: string;
	readonly all: readonly DispatchStore[];

	private constructor(url: string, all: readonly DispatchStore[]) {
		this.url = url;
		this.all = all;
	}

	static async open(count: number, connections: Connections, answer: Answer): Promise<Workers> {
		const url = await postgres.database();
		const beds: PostgresBed[] = [];
		const all = await DispatchStore.openMany(count, connections, answer, async (clock, more) => {
			const now = (): number => clock.now();
			const bed = await PostgresBed.open(url, { newId: createIds(now), now, ...more });
			beds.push(bed);
			clock.isBusy = () => beds.some((one) => one.isBusy());
			clock.whenIdle = () => Promise.all(beds.map((one) => one.whenIdle()));
			return bed;
		});
		return new Workers(url, all);
	}

	one(i: number): DispatchStore {
		const found = this.all[i];
		if (!found) throw new Error(`There is no worker ${i}`);
		return found;
	}

	/** All of them look for work every second, and whenever they know of some. */
	async runFor(seconds: number): Promise<void> {
		for (let i = 0; i < seconds; i++) {
			for (const worker of this.all) worker.wake();
			await this.one(0).runFor(1_000);
		}
	}

	/** When attempts began, by all of them. */
	get times(): readonly number[] {
		return this.all.flatMap(({ tried }) => tried.map(({ at }) => at)).sort((a, b) => a - b);
	}

	status(i: number, connection: string): ConnectionStatus {
		const { gates, clock } = this.one(i);
		return gates.status(`webhook:${connection}`, clock.now());
	}

	async dispose(): Promise<void> {
		await Promise.all(this.all.map((worker) => worker.dispose()));
	}
}

/** Fails where more began in any span than the rate lets through. */
function expectWithin(times: readonly number[], { perS, burst }: Rate): void {
	times.forEach((from, i) => {
		times.slice(i).forEach((to, n) => {
			const most = burst + ((to - from) * perS) / 1000;
			if (n + 1 > most + 1e-3)
				throw new Error(`${n + 1} from ${from} to ${to} ms, where ${most} may begin`);
		});
	});
}

describe('workers with one database', () => {
	let workers: Workers;
	const stores: PostgresStore[] = [];
	afterEach(async () => {
		await Promise.all(stores.splice(0).map((store) => store.close()));
		await workers.dispose();
	});

	it('keep to a connection’s rate together, and use all of it', async () => {
		const rate = { perS: 10, burst: 5 };
		workers = await Workers.open(3, { slow: { rate }, fast: {} }, () => OK);
		for (const worker of workers.all) await worker.sendMany(100, 'slow');
		await workers.one(0).sendMany(200, 'fast');
		await workers.runFor(10);
		const times = workers.all
			.flatMap((worker) => worker.triedThrough('slow').map(({ at }) => at))
			.sort((a, b) => a - b);
		expectWithin(times, rate);
		expect(times.length).toBeGreaterThan(100);
		expect(workers.times.length - times.length).toBe(200);
	});

	it('keep to a recipient’s rate together, and use all of it', async () => {
		const rate = { perS: 1, burst: 1 };
		workers = await Workers.open(3, { bot: { recipientRate: () => rate } }, () => OK);
		for (let i = 0; i < 10; i++) {
			// Each takes what it was given itself: nobody else is awake.
			for (const worker of workers.all) {
				await worker.send('bot', { recipient: 'one' });
				await worker.send('bot', { recipient: 'two' });
				worker.wake();
				await worker.runFor(10);
			}
		}
		await workers.runFor(10);
		for (const recipient of ['one', 'two']) {
			const times = workers.all
				.flatMap(({ tried }) => tried.filter((one) => one.recipient === recipient))
				.map(({ at }) => at)
				.sort((a, b) => a - b);
			expectWithin(times, rate);
			expect(times.length).toBeGreaterThanOrEqual(10);
		}
	});

	it('forget what they knew of a recipient that another one has written to since', async () => {
		const rate = { perS: 1, burst: 1 };
		workers = await Workers.open(2, { bot: { recipientRate: () => rate } }, () => OK);
		const [first, second] = [workers.one(0), workers.one(1)];
		const act = async (worker: DispatchStore, ms: number, ...recipients: string[]) => {
			for (const recipient of recipients) await worker.send('bot', { recipient });
			worker.wake();
			await worker.runFor(ms);
		};
		await act(first, 500, 'one', 'two', 'two');
		await act(second, 10, 'one');
		// Waiting deliveries have reserved their starts already when the first one starts.
		await act(first, 700);
		await act(first, 100, 'one');
		const times = workers.all
			.flatMap(({ tried }) => tried.filter(({ recipient }) => recipient === 'one'))
			.map(({ at }) => at)
			.sort((a, b) => a - b);
		expect(times).toHaveLength(2);
		expectWithin(times, rate);
	});

	it('go on when the row of what they share is lost', async () => {
		const rate = { perS: 1, burst: 1 };
		workers = await Workers.open(1, { bot: { recipientRate: () => rate } }, () => OK);
		for (const sent of [1, 2]) {
			await workers.one(0).send('bot', { recipient: 'one' });
			await workers.runFor(2);
			expect(workers.times).toHaveLength(sent);
			await postgres.query(workers.url, 'DELETE FROM sureping.connection_limits');
		}
	});

	it('are all paused when the service told one of them to wait', async () => {
		let answers = 0;
		const limited = { status: 429, headers: { 'retry-after': '20' }, body: '' };
		workers = await Workers.open(3, { one: {} }, () => (++answers === 1 ? limited : OK));
		await workers.one(0).send('one');
		await workers.runFor(1);
		await workers.one(1).sendMany(5, 'one');
		await workers.runFor(18);
		expect(workers.times).toEqual([0]);
		expect(workers.status(2, 'one')).toMatchObject({ status: 'paused', until: START + 20_000 });
		await workers.runFor(2);
		expect(workers.times).toHaveLength(7);
	});

	it('hold a connection to be down when one of them found that, probe it together, and find it back together', async () => {
		let isUp = false;
		const breaker = { failures: 5, probeAfterMs: 5_000, longestProbeMs: 20_000 };
		workers = await Workers.open(3, { one: { breaker } }, () => (isUp ? OK : BUSY));
		await workers.one(0).sendMany(5, 'one');
		workers.one(0).wake();
		await workers.one(0).runFor(1_000);
		expect(workers.status(0, 'one').status).toBe('down');
		for (const worker of workers.all) await worker.sendMany(20, 'one');
		await workers.runFor(40);
		// Five that opened it, and probes after 5, 10, and 20 seconds, each by one of the three.
		expect(workers.times).toEqual([0, 0, 0, 0, 0, 5_000, 15_000, 35_000]);
		for (const i of [1, 2]) expect(workers.status(i, 'one').status).toBe('down');
		isUp = true;
		await workers.runFor(16);
		expect(workers.times.filter((at) => at === 55_000)).not.toHaveLength(0);
		await workers.runFor(1);
		for (const i of [0, 1, 2]) expect(workers.status(i, 'one').status).toBe('ok');
		await workers.runFor(600);
		expect(workers.times).toHaveLength(8 + 65);
	});

	it('count by the clock of the server, whatever their own say', async () => {
		const rate = { perS: 0.001, burst: 5 };
		workers = await Workers.open(1, { slow: { rate } }, () => OK);
		await workers.one(0).sendMany(50, 'slow');
		const limits = { ...DEFAULT_LIMITS, rate };
		const opened = openConnection('webhook', 'slow', { url: 'https://slow.example/' });
		if (!opened.ok) throw new Error('The URL is all that it needs');
		const open = async (clockAheadMs: number): Promise<() => Promise<number>> => {
			const now = (): number => START + clockAheadMs;
			const { connection } = opened;
			const entry = { channel: 'webhook', name: 'slow', connection, policy: EXACT, limits };
			const store = await PostgresStore.open({
				url: workers.url,
				newId: createIds(now),
				now,
				gates: new ConnectionGates([entry]),
			});
			stores.push(store);
			return async () => (await store.deliveries.claim(now(), 4)).length;
		};
		const [one, ahead] = [await open(0), await open(3_600_000)];
		expect([await one(), await ahead(), await one(), await ahead()]).toEqual([2, 2, 1, 0]);
	});

	it('go on beside a process that knows nothing of this', async () => {
		const rate = { perS: 10, burst: 5 };
		workers = await Workers.open(2, { slow: { rate } }, () => OK);
		const older = await PostgresBed.open(workers.url, {
			newId: createIds(() => START),
			now: () => START,
		});
		await workers.one(0).sendMany(40, 'slow');
		const taken = await older.store.deliveries.claim(START, 10);
		expect(taken).toHaveLength(5);
		await older.dispose();
		await workers.runFor(5);
		expectWithin(workers.times, rate);
		expect(workers.times).toHaveLength(40);
	});
});

describe('workers that post to one endpoint', () => {
	const SECOND = 1_000;
	const events = ['notification.queued'] as const;
	let clock: VirtualClock;
	let beds: PostgresBed[];
	let scenes: WebhookStore[];
	let pushers: ReturnType<WebhookStore['pusher']>[];
	/** When requests were sent, in seconds after the start. */
	let sent: number[];
	let status: number;

	beforeEach(async () => {
		const url = await postgres.database();
		clock = new VirtualClock(START);
		clock.isBusy = () => beds.some((bed) => bed.isBusy());
		clock.whenIdle = () => Promise.all(beds.map((bed) => bed.whenIdle()));
		const now = (): number => clock.now();
		const open = (): Promise<PostgresBed> => PostgresBed.open(url, { newId: createIds(now), now });
		beds = [await open(), await open(), await open()];
		scenes = beds.map((bed) => new WebhookStore(clock, bed));
		[sent, status] = [[], 200];
		pushers = scenes.map((scene) =>
			scene.pusher(clock, async () => {
				sent.push((clock.now() - START) / SECOND);
				return { status, headers: {}, body: '' };
			}),
		);
	});
	afterEach(async () => {
		await Promise.all(pushers.map((pusher) => pusher.stop()));
		await Promise.all(scenes.map((scene) => scene.dispose()));
	});

	const scene = (): WebhookStore => scenes[0]!;
	/** All of them look for work every second. */
	const runFor = async (seconds: number, some = pushers): Promise<void> => {
		for (let i = 0; i < seconds; i++) {
			for (const pusher of some) pusher.wake();
			await clock.run(clock.sleep(SECOND));
		}
	};

	it('keep to its rate limit together, and use all of it', async () => {
		await scene().endpoint('ep_1', { events, rateLimit: { max: 3, windowMs: 10 * SECOND } });
		await scene().queuedMany(10);
		await runFor(31);
		expect(sent).toEqual([0, 0, 0, 10, 10, 10, 20, 20, 20, 30]);
	});

	it('probe it together when it is down, and find it back together', async () => {
		await scene().endpoint('ep_1', { events });
		await scene().queuedMany(3);
		// Each has seen it fail.
		status = 500;
		for (const pusher of pushers) {
			await scene().queued();
			await runFor(1, [pusher]);
		}
		await scene().queuedMany(20);
		await runFor(1, pushers.slice(0, 1));
		const first = sent.length;
		await scene().queuedMany(200);
		await runFor(96);
		expect(sent.slice(first).map((at) => at - sent[first - 1]!)).toEqual([30, 60, 90]);
		status = 200;
		await runFor(30);
		expect(sent.slice(first + 3).length).toBeGreaterThan(190);
	});
});
