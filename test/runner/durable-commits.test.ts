import { DatabaseSync } from 'node:sqlite';
import { createIds } from '@sureping/engine';
import type { Disk } from '../../runner/store/sqlite/db/wal-sync.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import { SqliteBed } from '../support/store-bed.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { START, WebhookStore } from '../support/webhook-store.ts';

/** A disk that keeps nothing until it is told to. */
class SlowDisk implements Disk {
	private readonly waiting: { resolve(): void; reject(error: Error): void }[] = [];
	isSlow = false;

	get asked(): number {
		return this.waiting.length;
	}

	sync(): Promise<void> {
		if (!this.isSlow) return Promise.resolve();
		return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
	}

	keep(): void {
		for (const { resolve } of this.waiting.splice(0)) resolve();
	}

	fail(): void {
		for (const { reject } of this.waiting.splice(0)) reject(new Error('EIO'));
	}

	async close(): Promise<void> {
		this.keep();
	}
}

/** Webhook deliveries that another connection sees. */
function rowsOf(file: string): number {
	const db = new DatabaseSync(file, { readOnly: true });
	const row = db.prepare('SELECT count(*) AS n FROM webhook_deliveries').get();
	db.close();
	return Number(row?.n);
}

describe('a commit that the disk does not have yet', () => {
	const clock = new VirtualClock(START);
	const now = (): number => clock.now();
	let disk: SlowDisk;
	let bed: SqliteBed;
	let store: Store;
	let scene: WebhookStore;
	beforeEach(async () => {
		disk = new SlowDisk();
		bed = new SqliteBed({ newId: createIds(now), now, disk });
		scene = new WebhookStore(clock, bed);
		store = scene.store;
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		disk.isSlow = true;
	});
	afterEach(async () => {
		disk.isSlow = false;
		disk.keep();
		await scene.dispose();
	});

	/** All that somebody outside could learn of a send. */
	const told = async () => ({
		attempts: (await store.deliveries.claim(now(), 10)).length,
		webhooks: (await store.webhooks.claim(now(), 10)).length,
		events: (await store.feed.read('0', 10))?.events.length,
		since: await store.feed.cursorSince(START),
	});

	it('is neither answered, attempted, posted nor in the feed, and then all of it', async () => {
		let isAnswered = false;
		const answer = scene.queued().then(() => (isAnswered = true));
		await waitUntil('the disk is asked', () => disk.asked === 1);
		expect(await told()).toEqual({ attempts: 0, webhooks: 0, events: 0, since: '0' });
		expect(isAnswered).toBe(false);
		disk.isSlow = false;
		disk.keep();
		await answer;
		expect(await told()).toEqual({ attempts: 1, webhooks: 1, events: 1, since: '0' });
	});

	it('keeps its webhooks due when those before it get rows meanwhile', async () => {
		disk.isSlow = false;
		await scene.queued();
		disk.isSlow = true;
		const answer = scene.queued();
		await waitUntil('the disk is asked', () => disk.asked === 1);
		const list = store.webhooks.list({}, { limit: 10 });
		await waitUntil('the first has a row', () => rowsOf(bed.file) === 1);
		disk.keep();
		await waitUntil('the disk is asked again', () => disk.asked === 1);
		disk.isSlow = false;
		disk.keep();
		await Promise.all([answer, list]);
		expect(await store.webhooks.claim(now(), 10)).toHaveLength(2);
	});

	it.each([
		['looked for in a claim', (time: number) => store.webhooks.claim(time, 10)],
		['looked for as the next one', (time: number) => store.webhooks.nextAt(time - 1)],
	])('keeps a webhook that is due again when it is %s meanwhile', async (_, look) => {
		disk.isSlow = false;
		await scene.queued();
		const [due] = await store.webhooks.claim(now(), 10);
		const [owed] = due?.deliveries ?? [];
		if (!due || !owed) throw new Error('A webhook is owed');
		disk.isSlow = true;
		const attempts = [{ at: now(), latencyMs: 1 }];
		const dueAt = now() + 200;
		const stored = store.webhooks.settle([{ ...owed.delivery, attempts, dueAt }]);
		await waitUntil('the disk is asked', () => disk.asked === 1);
		await look(dueAt);
		disk.keep();
		await stored;
		store.webhooks.release(due);
		expect(await store.webhooks.nextAt(dueAt - 1)).toBe(dueAt);
		expect(await store.webhooks.claim(dueAt, 10)).toHaveLength(1);
	});

	it('shares the next wait with those that come meanwhile', async () => {
		const answers = [scene.queued()];
		await waitUntil('the disk is asked', () => disk.asked === 1);
		answers.push(scene.queued(), scene.queued());
		const third = store.upkeep.probe();
		disk.keep();
		await waitUntil('the disk is asked again', () => disk.asked === 1);
		disk.keep();
		await Promise.all([...answers, third]);
		expect(disk.asked).toBe(0);
	});

	it('may be lost when the disk fails: its caller hears so, and nothing is written before a restart', async () => {
		const answer = scene.queued();
		await waitUntil('the disk is asked', () => disk.asked === 1);
		disk.fail();
		await expect(answer).rejects.toMatchObject({ isUnknown: true, isPassing: false });
		disk.isSlow = false;
		await expect(scene.queued()).rejects.toThrow(/disk failed .* restart the runner/);
		await expect(store.deliveries.claim(now(), 10)).rejects.toThrow(/disk failed/);
	});
});
