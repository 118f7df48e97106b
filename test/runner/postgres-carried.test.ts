import { createIds } from '@sureping/engine';
import {
	type DeliveryGates,
	type EndpointGates,
	OPEN_GATES,
} from '../../runner/store/contract/limits.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import { StoreUnavailable } from '../../runner/store/contract/errors.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { OUTCOMES, SendStore } from '../support/send-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WebhookStore } from '../support/webhook-store.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const now = (): number => START;
const clock = { now };
const events = ['notification.queued'] as const;
const worker = { due: () => undefined, replays: () => undefined };

const GATES: EndpointGates = {
	of: () => undefined,
	started: () => undefined,
	isShared: ({ rateLimit }) => rateLimit !== undefined,
	adopt: () => undefined,
	share: () => ({ starts: [] }),
};

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

let url: string;
let network: DatabaseProxy;
let bed: PostgresBed;
afterEach(async () => {
	await bed.dispose();
	network.close();
});

const sql = (text: string): Promise<Record<string, unknown>[]> => postgres.query(url, text);
const ownersOf = async (table: string): Promise<unknown[]> =>
	(await sql(`SELECT owner FROM sureping.${table} ORDER BY id`)).map(({ owner }) => owner);

/** A process that has looked for work once, and works on what is due from then on. */
async function open(gates?: DeliveryGates): Promise<Store> {
	url = await postgres.database();
	network = await databaseProxy(url);
	bed = await PostgresBed.open(network.url, {
		newId: createIds(now),
		now,
		...(gates ? { gates } : {}),
	});
	return bed.store;
}
async function openWorker(gates?: DeliveryGates): Promise<Store> {
	const store = await open(gates);
	store.watch(worker);
	await store.deliveries.claim(START, 10);
	await store.webhooks.claim(START, 10);
	return store;
}
const sends = (): Promise<SendStore> => SendStore.open(clock, async () => bed);
const webhooks = async (settings: Partial<Endpoint> = {}): Promise<WebhookStore> => {
	const scene = new WebhookStore(clock, bed);
	await scene.endpoint('ep_1', { events, ...settings });
	// The first event after the change of an endpoint finds out about it.
	await scene.queued();
	for (const due of await scene.store.webhooks.claim(START, 10, GATES)) {
		scene.store.webhooks.release(due);
	}
	await sql('DELETE FROM sureping.webhook_deliveries');
	return scene;
};

describe('a delivery that a worker accepts', () => {
	it('is the worker’s own as soon as it is committed, and starts as it was accepted', async () => {
		const store = await openWorker();
		const { delivery } = await (await sends()).send();
		expect(await ownersOf('deliveries')).toEqual([expect.any(String)]);
		await sql("UPDATE sureping.notifications SET message = 'not read back'");
		const due = await store.deliveries.claim(START, 10);
		expect(due).toMatchObject([{ deliveryId: delivery.id, notification: { message: 'm' } }]);
		expect(await store.deliveries.claim(START, 10)).toEqual([]);
	});

	it('goes to nobody else while the worker lives, and to another one afterwards', async () => {
		await openWorker();
		await (await sends()).send();
		const other = await bed.another();
		expect(await other.deliveries.claim(START, 10)).toEqual([]);
		await bed.reopen();
		expect(await other.deliveries.claim(START, 10)).toHaveLength(1);
	});

	it('waits in the table where the process is no worker', async () => {
		const store = await open();
		await store.deliveries.claim(START, 10);
		await (await sends()).send();
		expect(await ownersOf('deliveries')).toEqual([null]);
	});

	it.each(['isShared', 'limitsRecipients'] as const)(
		'waits in the table where its connection is limited: %s',
		async (limit) => {
			await openWorker({ ...OPEN_GATES, [limit]: () => true });
			await (await sends()).send();
			expect(await ownersOf('deliveries')).toEqual([null]);
		},
	);

	it('waits in the table until it is due', async () => {
		const store = await openWorker();
		await (await sends()).send({ send_at: new Date(START + 5_000).toISOString() });
		expect(await ownersOf('deliveries')).toEqual([null]);
		expect(await store.deliveries.nextAt(START)).toBe(START + 5_000);
		expect(await store.deliveries.claim(START + 5_000, 10)).toHaveLength(1);
	});

	it('goes back to the table when its connection closes before it starts', async () => {
		let room = Infinity;
		const store = await openWorker({ ...OPEN_GATES, opening: () => ({ room, which: 'due' }) });
		await (await sends()).send();
		room = 0;
		expect(await store.deliveries.claim(START, 10)).toEqual([]);
		expect(await ownersOf('deliveries')).toEqual([null]);
	});

	it('is claimed after all when nobody knows whether it was committed', async () => {
		const store = await openWorker();
		network.once('INSERT INTO sureping.notifications', () => 'lose-answer');
		await expect((await sends()).send()).rejects.toThrow(StoreUnavailable);
		expect(await sql('SELECT id FROM sureping.notifications')).toHaveLength(1);
		const taken = async (): Promise<boolean> =>
			(await store.deliveries.claim(START, 10)).length === 1;
		await waitUntil('it is claimed', taken);
	});

	it('stays the worker’s own when its transaction had to be repeated', async () => {
		const store = await openWorker();
		const scene = await sends();
		await store.endpoints.all();
		// The assumption of the first try, that no endpoint has changed, does not hold.
		await sql('UPDATE sureping.feed SET endpoints_version = endpoints_version + 1');
		let sending: Promise<unknown> = Promise.resolve();
		network.once('SET owner = NULL WHERE owner', () => sending.then(() => 'pass' as const));
		sending = scene.send();
		await sending;
		expect(await store.deliveries.claim(START, 1)).toHaveLength(1);
		expect(await ownersOf('deliveries')).toEqual([expect.any(String)]);
	});

	it('does not start when the lease has run out since', async () => {
		const store = await openWorker();
		await (await sends()).send();
		await sql(`INSERT INTO sureping.workers VALUES ('another', now() + interval '1 h');
			UPDATE sureping.deliveries SET owner = 'another'`);
		const real = performance.now.bind(performance);
		const late = jest.spyOn(performance, 'now').mockImplementation(() => real() + 9_000);
		try {
			expect(await store.deliveries.claim(START, 10)).toEqual([]);
		} finally {
			late.mockRestore();
		}
		expect(await ownersOf('deliveries')).toEqual(['another']);
	});

	it('can be cancelled until it starts', async () => {
		const store = await openWorker();
		const { id } = await (await sends()).send();
		expect(await store.notifications.cancel(id)).toBe('cancelled');
		expect(await store.deliveries.claim(START, 10)).toEqual([]);
		expect(await ownersOf('deliveries')).toEqual([null]);
	});

	it('expires on time although its connection has no room for it', async () => {
		const store = await openWorker();
		const scene = await sends();
		await Promise.all(Array.from({ length: 20 }, () => scene.send()));
		const end = START + 5_000;
		const { delivery } = await scene.send({ expires_at: new Date(end).toISOString() });
		await store.deliveries.claim(START, 10);
		expect(await store.deliveries.nextAt(START)).toBe(end);
		const ended = await store.deliveries.claim(end, 10);
		expect(ended.map(({ deliveryId }) => deliveryId)).toContain(delivery.id);
	});

	it('waits in the table where it is larger than what memory holds', async () => {
		const store = await openWorker();
		const scene = await sends();
		const planned = scene.planned();
		const message = 'x'.repeat(33 * 1024 * 1024);
		const notification = { ...planned.notification, message };
		await scene.accept({ notification, events: [] });
		await scene.send();
		expect((await ownersOf('deliveries')).filter((owner) => owner !== null)).toHaveLength(0);
		expect(await store.deliveries.claim(START, 10)).toHaveLength(2);
	});

	it('leaves no room for more than the claim asked for, not even for what has expired', async () => {
		const store = await openWorker();
		const scene = await sends();
		await scene.send({ send_at: new Date(START + 5_000).toISOString() });
		await sql(`UPDATE sureping.deliveries SET expires_at = ${START}`);
		await scene.send();
		expect(await store.deliveries.claim(START, 1)).toHaveLength(1);
		expect(await store.deliveries.claim(START, 1)).toHaveLength(1);
	});

	it('does not get ahead of what the look before left, although there was no room for another look', async () => {
		const store = await open();
		const scene = await sends();
		for (let i = 0; i < 3; i++) await scene.send();
		store.watch(worker);
		const [first] = await store.deliveries.claim(START, 1);
		store.deliveries.release(first!.deliveryId);
		const channels = ['console:second'];
		const { delivery } = await scene.send({ channels });
		const [second] = await store.deliveries.claim(START, 1);
		expect(second?.deliveryId).toBe(delivery.id);
		const { delivery: last } = await scene.send();
		expect(await sql(`SELECT owner FROM sureping.deliveries WHERE id = '${last.id}'`)).toEqual([
			{ owner: null },
		]);
	});

	it('starts once, as any of more than memory holds', async () => {
		const store = await openWorker();
		const scene = await sends();
		const all = await Promise.all(Array.from({ length: 700 }, () => scene.send()));
		expect(new Set(await ownersOf('deliveries')).size).toBe(2);
		const ids: string[] = [];
		for (let some; (some = await store.deliveries.claim(START, 2_048)).length > 0;) {
			ids.push(...some.map(({ deliveryId }) => deliveryId));
		}
		expect(ids.sort()).toEqual(all.map(({ delivery }) => delivery.id).sort());
	});

	it('leaves the next attempt to the rows', async () => {
		const store = await openWorker();
		const scene = await sends();
		const { id, delivery } = await scene.send();
		await store.deliveries.claim(START, 10);
		await scene.settle(id, delivery.id, OUTCOMES.busy);
		store.deliveries.release(delivery.id);
		expect(await ownersOf('deliveries')).toEqual([null]);
		const nextAt = await store.deliveries.nextAt(START);
		expect(nextAt).toBeGreaterThan(START);
		expect(await store.deliveries.claim(nextAt!, 10)).toHaveLength(1);
	});
});

describe('a webhook delivery that a worker publishes', () => {
	it('is the worker’s own as soon as it is committed, and goes out as it was published', async () => {
		const store = await openWorker();
		const { notification } = await (await webhooks()).queued();
		expect(await ownersOf('webhook_deliveries')).toEqual([expect.any(String)]);
		await sql("UPDATE sureping.events SET body = '{}'");
		const [due] = await store.webhooks.claim(START, 10);
		expect(due).toMatchObject({
			to: { endpoint: { id: 'ep_1' } },
			deliveries: [{ event: { notification_id: notification.id, message: 'm' } }],
		});
		expect(await store.webhooks.claim(START, 10)).toEqual([]);
		const [{ delivery } = { delivery: undefined }] = due!.deliveries;
		await store.webhooks.settle([
			{ ...delivery!, state: 'delivered', attempts: [{ at: START, latencyMs: 0, status: 200 }] },
		]);
		store.webhooks.release(due!);
		expect(await sql('SELECT state, owner, tries FROM sureping.webhook_deliveries')).toEqual([
			{ state: 'delivered', owner: null, tries: 1 },
		]);
	});

	it.each<[string, Partial<Endpoint>]>([
		['a batch', { batch: { maxEvents: 5, maxWaitMs: 1_000 } }],
		['a rate', { rateLimit: { max: 5, windowMs: 1_000 } }],
	])('waits in the table where its endpoint has %s', async (_, settings) => {
		await openWorker();
		await (await webhooks(settings)).queued();
		expect(await ownersOf('webhook_deliveries')).toEqual([null]);
	});

	it('is held when its endpoint is disabled before it goes out', async () => {
		const store = await openWorker();
		await (await webhooks()).queued();
		await store.endpoints.setStatus('ep_1', 'disabled');
		expect(await store.webhooks.claim(START, 10)).toEqual([]);
		const rows = await sql('SELECT state, owner FROM sureping.webhook_deliveries');
		expect(rows).toEqual([{ state: 'held', owner: null }]);
		await store.endpoints.setStatus('ep_1', 'enabled');
		expect(await store.webhooks.claim(START, 10)).toHaveLength(1);
	});

	/** A delivery that waits in memory where nothing asks for a look at the rows. */
	const carried = async (store: Store): Promise<void> => {
		const scene = await webhooks();
		await store.webhooks.claim(START, 10, GATES);
		await store.webhooks.nextAt(START);
		await scene.queued();
	};

	it.each<[string, (store: Store) => Promise<unknown>]>([
		['is removed', ({ endpoints }) => endpoints.remove('ep_1')],
		[
			'is declared no more',
			({ endpoints }) =>
				endpoints.declare((stored) => ({
					write: [],
					remove: stored.filter(({ id }) => id === 'ep_1'),
				})),
		],
	])('goes to nobody when its endpoint %s before it goes out', async (_, remove) => {
		const store = await openWorker();
		await carried(store);
		await remove(store);
		expect(await store.webhooks.claim(START, 10)).toEqual([]);
		expect(await ownersOf('webhook_deliveries')).toEqual([null]);
	});

	it('goes to its endpoint as that was changed before it goes out', async () => {
		const store = await openWorker();
		await carried(store);
		const url = 'http://receiver.test/changed';
		await store.endpoints.change('ep_1', (endpoint) => ({ ...endpoint, url }));
		expect(await store.webhooks.claim(START, 10)).toMatchObject([{ to: { endpoint: { url } } }]);
	});

	it('goes out once, as any of more than memory holds', async () => {
		const store = await openWorker();
		const scene = await webhooks();
		await scene.queuedMany(700);
		expect(new Set(await ownersOf('webhook_deliveries')).size).toBe(2);
		const ids: string[] = [];
		for (let some; (some = await store.webhooks.claim(START, 128)).length > 0;) {
			for (const due of some) {
				ids.push(...due.deliveries.map(({ delivery }) => delivery.id));
				const settled = due.deliveries.map(({ delivery }) => ({
					...delivery,
					state: 'delivered' as const,
					attempts: [{ at: START, latencyMs: 0, status: 200 }],
				}));
				await store.webhooks.settle(settled);
				store.webhooks.release(due);
			}
		}
		expect(new Set(ids).size).toBe(700);
		expect(ids).toHaveLength(700);
	});
});
