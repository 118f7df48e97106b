import { createIds, type NewId } from '@sureping/engine';
import { type DeliveryGates, OPEN_GATES } from '../../runner/store/contract/limits.ts';
import type { DueWebhooks } from '../../runner/store/contract/webhooks.ts';
import { StoreUnavailable } from '../../runner/store/contract/errors.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { OUTCOMES, SendStore } from '../support/send-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WebhookStore } from '../support/webhook-store.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const now = (): number => START;
const events = ['notification.queued'] as const;

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

let url: string;
let network: DatabaseProxy;
let bed: PostgresBed;
let newId: NewId;
const open = async (gates?: DeliveryGates): Promise<void> => {
	url = await postgres.database();
	network = await databaseProxy(url);
	newId = createIds(now);
	bed = await PostgresBed.open(network.url, { newId, now, ...(gates ? { gates } : {}) });
};
afterEach(async () => {
	await bed.dispose();
	network.close();
});
const sends = (): Promise<SendStore> => SendStore.open({ now }, async () => bed);
const webhooks = async (count: number): Promise<WebhookStore> => {
	const scene = new WebhookStore({ now }, bed);
	await scene.endpoint('ep_1', { events });
	await scene.queuedMany(count);
	return scene;
};
const sql = (text: string): Promise<Record<string, unknown>[]> => postgres.query(url, text);
const ownersOf = async (table: string): Promise<unknown[]> =>
	(await sql(`SELECT owner FROM sureping.${table} ORDER BY id`)).map(({ owner }) => owner);
/** Another process that lives has all that waits or is worked on. */
const takenByAnother = (table: string): Promise<unknown> =>
	sql(`INSERT INTO sureping.workers VALUES ('another', now() + interval '1 h');
		UPDATE sureping.${table} SET owner = 'another'`);

const CLAIM = 'WITH due AS MATERIALIZED';
const WEBHOOK_CLAIM = 'WITH taken AS MATERIALIZED';
const QUEUES = 'WITH RECURSIVE queues';

describe('a claim', () => {
	it('whose answer is lost is made again', async () => {
		await open();
		const scene = await sends();
		await scene.send();
		network.once(CLAIM, () => 'lose-answer');
		await expect(bed.store.deliveries.claim(START, 10)).rejects.toThrow(StoreUnavailable);
		expect(await ownersOf('deliveries')).toEqual([expect.any(String)]);
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(1);
	});

	it('whose lease ran out while its process went on is not given to that process once more', async () => {
		await open();
		const scene = await sends();
		const { id, delivery } = await scene.send();
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(1);
		// As a sweep of another process leaves it.
		await sql('UPDATE sureping.deliveries SET owner = NULL');
		expect(await bed.store.deliveries.claim(START, 10)).toEqual([]);
		await scene.settle(id, delivery.id, OUTCOMES.delivered);
		bed.store.deliveries.release(delivery.id);
		expect(await bed.store.deliveries.claim(START, 10)).toEqual([]);
		expect((await bed.store.notifications.get(id))?.status).toBe('delivered');
	});

	it('of webhooks whose answer is lost is made again', async () => {
		await open();
		await webhooks(3);
		network.once(WEBHOOK_CLAIM, () => 'lose-answer');
		await expect(bed.store.webhooks.claim(START, 10)).rejects.toThrow(StoreUnavailable);
		expect(await bed.store.webhooks.claim(START, 10)).toHaveLength(3);
	});

	it('that breaks between its statements gives back what it had taken', async () => {
		await open();
		const scene = await sends();
		await scene.send({ expires_at: new Date(START + 1_000).toISOString() });
		network.once(QUEUES, () => 'cut');
		await expect(bed.store.deliveries.claim(START + 2_000, 10)).rejects.toThrow(StoreUnavailable);
		expect(await bed.store.deliveries.claim(START + 2_000, 10)).toHaveLength(1);
	});

	it('of webhooks that breaks between its statements gives back what it had taken, and its room', async () => {
		await open();
		const scene = await webhooks(60);
		// These have less than their share: another round gives the rest to the first one.
		for (const id of ['ep_2', 'ep_3']) await scene.endpoint(id, { events });
		await scene.queued();
		network.once(WEBHOOK_CLAIM, () => {
			// Prepared by then, the second is sent without its text: the next of its connection is it.
			network.once('', () => 'cut');
			return 'pass';
		});
		await expect(bed.store.webhooks.claim(START, 100)).rejects.toThrow(StoreUnavailable);
		const all: DueWebhooks[] = [];
		for (let some; (some = await bed.store.webhooks.claim(START, 128 - all.length)).length > 0;) {
			all.push(...some);
		}
		expect(all).toHaveLength(63);
	});

	it('that the server carries out long after it was given up does not last', async () => {
		await open();
		const scene = await sends();
		expect(await bed.store.deliveries.claim(START, 10)).toEqual([]);
		await scene.send();
		await sql('UPDATE sureping.deliveries SET owner = (SELECT id FROM sureping.workers)');
		await waitUntil(
			'it is claimed again',
			async () => (await bed.store.deliveries.claim(START, 10)).length > 0,
		);
	});

	it('starts nothing when it took longer than the lease', async () => {
		await open();
		const scene = await sends();
		await scene.send();
		const real = performance.now.bind(performance);
		const clock = jest.spyOn(performance, 'now');
		network.once(CLAIM, () => {
			clock.mockImplementation(() => real() + 9_000);
			return 'pass';
		});
		await expect(bed.store.deliveries.claim(START, 10)).rejects.toThrow(/lease/);
		clock.mockRestore();
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(1);
	});

	it('starts nothing when the lease ran out and was renewed meanwhile', async () => {
		await open();
		const scene = await sends();
		await scene.send();
		const real = performance.now.bind(performance);
		const clock = jest.spyOn(performance, 'now');
		// The claim is stopped for so long; the next beat renews the lease before the claim goes on.
		network.once(CLAIM, async () => {
			clock.mockImplementation(() => real() + 9_000);
			const before = await sql('SELECT lease_until FROM sureping.workers');
			await waitUntil('the lease is renewed', async () => {
				const [now] = await sql('SELECT lease_until FROM sureping.workers');
				return Number(now?.lease_until) > Number(before[0]?.lease_until);
			});
			return 'pass' as const;
		});
		await expect(bed.store.deliveries.claim(START, 10)).rejects.toThrow(/lease/);
		clock.mockRestore();
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(1);
	});

	it('starts nothing when putting aside what is broken took longer than the lease', async () => {
		await open();
		const scene = await sends();
		await scene.send();
		const { id } = await scene.send();
		await sql(`UPDATE sureping.notifications SET metadata = 'damaged' WHERE id = '${id}'`);
		const real = performance.now.bind(performance);
		const clock = jest.spyOn(performance, 'now');
		network.once('INSERT INTO sureping.dead_letters', () => {
			clock.mockImplementation(() => real() + 9_000);
			return 'pass';
		});
		await expect(bed.store.deliveries.claim(START, 10)).rejects.toThrow(/lease/);
		clock.mockRestore();
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(1);
	});

	it('of a process that is dead does not keep a delivery from being cancelled', async () => {
		await open();
		const scene = await sends();
		const [{ id }, { id: another }] = [await scene.send(), await scene.send()];
		await takenByAnother('deliveries');
		expect(await bed.store.notifications.cancel(another)).toBe('cancelled');
		await sql('DELETE FROM sureping.workers');
		const shown = await bed.store.notifications.get(id);
		expect([shown?.status, [...(shown?.sending ?? [])]]).toEqual(['queued', []]);
		expect(await bed.store.notifications.cancel(id)).toBe('cancelled');
		// The other one was under way: its attempt counts.
		const states = async (one: string): Promise<unknown[]> =>
			sql(`SELECT state FROM sureping.deliveries WHERE notification_id = '${one}'`);
		expect(await states(id)).toEqual([{ state: 'cancelled' }]);
		expect(await states(another)).toEqual([{ state: 'queued' }]);
	});

	it('of what is only looked at is not taken for sending by who cancels it', async () => {
		let isTheirTurn = false;
		await open({
			...OPEN_GATES,
			limitsRecipients: () => true,
			reserve: () => (isTheirTurn ? undefined : START + 500),
		});
		const { id } = await (await sends()).send();
		let canceled: Promise<string | undefined> | undefined;
		network.once('turn_at = u.turn_at', async () => {
			canceled = bed.store.notifications.cancel(id);
			// Until it is decided, or waits for the claim.
			const waits = async (): Promise<boolean> =>
				(await sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0;
			const decided = canceled.then(() => true);
			await waitUntil('the cancel waits', () => Promise.race([decided, waits()]));
			return 'pass' as const;
		});
		expect(await bed.store.deliveries.claim(START, 5)).toEqual([]);
		expect(await canceled).toBe('cancelled');
		isTheirTurn = true;
		expect(await bed.store.deliveries.claim(START + 1_000, 5)).toEqual([]);
	});

	it('is not ended by what was given back before it', async () => {
		await open();
		const scene = await sends();
		const { delivery } = await scene.send();
		await bed.store.deliveries.claim(START, 10);
		const isReturned = async (): Promise<boolean> => (await ownersOf('deliveries'))[0] === null;
		// While a claim is under way its row comes back, and what says so arrives after the claim, as a broken connection.
		network.once(CLAIM, async () => {
			bed.store.deliveries.release(delivery.id);
			await waitUntil('it is given back', isReturned);
			return 'pass' as const;
		});
		network.once('SET owner = NULL WHERE owner = $1 AND id', () => 'lose-answer');
		const other = await scene.send();
		expect(await bed.store.deliveries.claim(START, 10)).toHaveLength(2);
		bed.store.deliveries.release(other.delivery.id);
		const owned = (): Promise<unknown[]> =>
			sql('SELECT id FROM sureping.deliveries WHERE owner IS NOT NULL');
		await waitUntil('the other is given back', async () => (await owned()).length < 2);
		expect(await owned()).toEqual([{ id: delivery.id }]);
	});
});

describe('a request that ended', () => {
	it('gives back nothing that was claimed again since', async () => {
		await open();
		await webhooks(1);
		const [first] = await bed.store.webhooks.claim(START, 10);
		const { delivery } = first!.deliveries[0]!;
		const attempts = [{ at: START, latencyMs: 0, status: 500 }];
		await bed.store.webhooks.settle([{ ...delivery, state: 'pending', dueAt: START, attempts }]);
		const [second] = await bed.store.webhooks.claim(START, 10);
		expect(second?.deliveries).toMatchObject([{ delivery: { id: delivery.id } }]);
		bed.store.webhooks.release(first!);
		expect(await bed.store.webhooks.claim(START, 10)).toEqual([]);
		bed.store.webhooks.release(second!);
		expect(await bed.store.webhooks.claim(START, 10)).toHaveLength(1);
	});
});

describe('what is owed to an endpoint that was removed by a process that died meanwhile', () => {
	it('is claimed by nobody, and ends', async () => {
		await open();
		const scene = await webhooks(5);
		await sql(`DELETE FROM sureping.endpoints;
			UPDATE sureping.feed SET endpoints_version = endpoints_version + 1`);
		expect(await bed.store.webhooks.claim(START, 10)).toEqual([]);
		await waitUntil('it is given back', async () =>
			(await ownersOf('webhook_deliveries')).every((owner) => owner === null),
		);
		await scene.store.upkeep.prune(START, {
			eventsMs: undefined,
			notificationsMs: undefined,
			webhookDeliveriesMs: undefined,
			reportsMs: undefined,
		});
		const states = await sql('SELECT DISTINCT state, due_at FROM sureping.webhook_deliveries');
		expect(states).toEqual([{ state: 'cancelled', due_at: null }]);
	});
});

describe('a process that stood still', () => {
	const failedOnce = { at: START, latencyMs: 0, status: 500 };

	it('leaves a webhook to who has it since, unless it was delivered', async () => {
		await open();
		await webhooks(1);
		const [due] = await bed.store.webhooks.claim(START, 10);
		const { delivery } = due!.deliveries[0]!;
		await takenByAnother('webhook_deliveries');
		const row = (): Promise<unknown> =>
			sql('SELECT state, tries, owner FROM sureping.webhook_deliveries');
		await bed.store.webhooks.settle([
			{ ...delivery, state: 'pending', dueAt: START + 1, attempts: [failedOnce] },
		]);
		expect(await row()).toEqual([{ state: 'pending', tries: 0, owner: 'another' }]);
		await bed.store.webhooks.settle([{ ...delivery, state: 'delivered', attempts: [failedOnce] }]);
		expect(await row()).toEqual([{ state: 'delivered', tries: 1, owner: 'another' }]);
	});

	it('counts no attempt of a webhook that another one has counted', async () => {
		await open();
		await webhooks(1);
		const [due] = await bed.store.webhooks.claim(START, 10);
		const { delivery } = due!.deliveries[0]!;
		await sql(
			`UPDATE sureping.webhook_deliveries SET owner = NULL, tries = 1, due_at = ${START + 5}`,
		);
		await bed.store.webhooks.settle([
			{ ...delivery, state: 'pending', dueAt: START + 9, attempts: [failedOnce] },
		]);
		const [row] = await sql('SELECT due_at FROM sureping.webhook_deliveries');
		expect(Number(row?.due_at)).toBe(START + 5);
	});

	it('does not end who has its delivery since', async () => {
		await open();
		const scene = await sends();
		const { id, delivery } = await scene.send();
		await bed.store.deliveries.claim(START, 10);
		await takenByAnother('deliveries');
		await scene.settle(id, delivery.id, OUTCOMES.busy);
		bed.store.deliveries.release(delivery.id);
		expect(await bed.store.deliveries.claim(START, 10)).toEqual([]);
		expect(await ownersOf('deliveries')).toEqual(['another']);
	});
});
