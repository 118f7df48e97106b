import { createIds, operationalEvent, settle } from '@sureping/engine';
import pg from 'pg';
import { BrokenRow, StoreError } from '../../runner/store/contract/errors.ts';
import { Database, type Sql } from '../../runner/store/postgres/db/database.ts';
import { MIGRATIONS } from '../../runner/store/postgres/db/migrations.ts';
import { PostgresStore } from '../../runner/store/postgres/index.ts';
import { readPage } from '../../runner/store/postgres/feed/rows.ts';
import { TELLS_ALL } from '../../runner/store/rows/event.ts';
import { feedReaders } from '../../runner/store/rules/feed-page.ts';
import { OUTCOMES, SendStore } from '../support/send-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { ReportStore } from '../support/report-store.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { START, WebhookStore } from '../support/webhook-store.ts';

const DAY = 24 * 3600_000;
const events = ['notification.queued'] as const;

let postgres: TemporaryPostgres;
let url: string;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
beforeEach(async () => {
	url = await postgres.database();
});
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => postgres.dispose());

async function sends(now = START): Promise<SendStore> {
	const scene = await SendStore.open({ now: () => now }, (more) => PostgresBed.open(url, more));
	ends.push(() => scene.bed.dispose());
	return scene;
}

async function webhooks(): Promise<WebhookStore> {
	const clock = { now: () => START };
	const bed = await PostgresBed.open(url, { newId: createIds(clock.now), ...clock });
	const scene = new WebhookStore(clock, bed);
	ends.push(() => scene.dispose());
	return scene;
}

/** Another client in a transaction that has done this; what it gives ends the transaction. */
async function meanwhile(...texts: string[]): Promise<() => Promise<unknown>> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	await client.query(['BEGIN', ...texts].join(';'));
	return async () => {
		await client.query('COMMIT');
		await client.end();
	};
}

/** Somebody waits for a lock. */
const somebodyWaits = (): Promise<true> =>
	waitUntil('somebody waits for a lock', async () => {
		const waiting = await postgres.query(
			url,
			"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
		);
		return waiting.length > 0;
	});

describe('a group of changes of which one fails', () => {
	it('stores nothing of the others before they are tried one by one', async () => {
		const scene = await sends();
		const first = await scene.send();
		await postgres.query(url, "UPDATE sureping.notifications SET callbacks = 'damaged'");
		const transition = scene.planned();
		const { id } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		const quota = { start: 0, end: 1, most: 100 };
		const { deliveries, sends: accepting } = scene.store;
		await postgres.query(url, "INSERT INTO sureping.quota_use VALUES ('k', 0, 0)");
		// The acceptance goes on only once the update has failed.
		const end = await meanwhile('SELECT 1 FROM sureping.quota_use FOR UPDATE');
		const changes = Promise.allSettled([
			deliveries.update(first.id, (notification) => ({ notification, events: [] })),
			accepting.accept({ transition, apiKey: 'k', callbacks: [], quota, answer }),
		]);
		await somebodyWaits();
		await end();
		const [update, acceptance] = await changes;
		expect(update).toMatchObject({ reason: expect.any(BrokenRow) });
		expect(acceptance).toMatchObject({ value: { result: 'accepted' } });
		expect(await accepting.quotaUse([{ apiKey: 'k', start: 0 }])).toEqual([1]);
	});
});

describe('what requests taught about an endpoint', () => {
	const reviewed = async (scene: WebhookStore, id: string, disable: boolean) => {
		const endpoint = await scene.endpoint(id, { events });
		const { newId } = scene;
		const facts = { reason: 'gone' } as const;
		return {
			endpointId: id,
			health: { since: endpoint.createdAt, failures: 1, failingSince: START, warnings: 0 },
			disable,
			events: [operationalEvent('endpoint.disabled', endpoint, facts, START, newId)],
			notices: [],
		};
	};

	it('is stored once, also when the answer to its commit was lost and it is stored again', async () => {
		const scene = await webhooks();
		for (const disable of [false, true]) {
			const review = await reviewed(scene, `ep_${disable}`, disable);
			await scene.store.webhooks.settle([], review);
			await scene.store.webhooks.settle([], review);
		}
		expect((await scene.store.feed.readOperational(undefined, 10))?.events).toHaveLength(2);
	});

	it('keeps nobody else’s outcomes waiting, however much is owed to what it disables', async () => {
		const scene = await webhooks();
		const review = await reviewed(scene, 'ep_bad', true);
		await scene.queued();
		await scene.endpoint('ep_good', { events });
		await scene.queued();
		const due = await scene.store.webhooks.claim(START, 10);
		const [good] = due.filter(({ to }) => 'endpoint' in to && to.endpoint.id === 'ep_good');
		// A row that it is to hold cannot be changed yet.
		const end = await meanwhile(
			"SELECT 1 FROM sureping.webhook_deliveries WHERE endpoint_id = 'ep_bad' FOR UPDATE",
		);
		const disabling = scene.store.webhooks.settle([], review);
		await somebodyWaits();
		const { delivery } = good!.deliveries[0]!;
		await scene.store.webhooks.settle([{ ...delivery, state: 'exhausted' }]);
		const other = await reviewed(scene, 'ep_other', true);
		await scene.store.webhooks.settle([], other);
		await end();
		await disabling;
		const { items } = await scene.store.webhooks.list({ endpointId: 'ep_bad' }, { limit: 10 });
		expect(items.map(({ state }) => state)).toEqual(['held', 'held']);
	});

	it('reaches other processes without that anything has to be told twice', async () => {
		const scene = await webhooks();
		const review = { ...(await reviewed(scene, 'ep_1', false)), events: [] };
		const sender = await sends();
		const { id, delivery } = await sender.send();
		await sender.store.endpoints.all();
		await scene.store.webhooks.settle([], review);
		const steps = await stepsOf(sender, id, delivery.id);
		expect(steps).toBe(1);
		expect((await sender.store.endpoints.all())[0]?.health).toEqual(review.health);
	});
});

/** Number of times that an outcome is applied until it is stored. */
async function stepsOf(
	{ store, newId }: SendStore,
	id: string,
	deliveryId: string,
): Promise<number> {
	let steps = 0;
	const outcome = { result: 'delivered', confirmation: 'service', messageId: 'm_1' } as const;
	const result = { attempt: 1, at: START, latencyMs: 0, outcome };
	await store.deliveries.update(id, (now) => {
		steps++;
		return settle(now, deliveryId, result, { random: () => 0.5, newId });
	});
	return steps;
}

describe('what a dead process had claimed', () => {
	it('is not taken from a process that has just started and has it since', async () => {
		const scene = await sends();
		await scene.send();
		await postgres.query(url, "UPDATE sureping.deliveries SET owner = 'dead'");
		const end = await meanwhile("UPDATE sureping.deliveries SET owner = 'new'");
		const claiming = scene.store.deliveries.claim(START, 10);
		await somebodyWaits();
		await postgres.query(
			url,
			"INSERT INTO sureping.workers VALUES ('new', now() + interval '8 s')",
		);
		await end();
		expect(await claiming).toEqual([]);
		expect(await postgres.query(url, 'SELECT owner FROM sureping.deliveries')).toEqual([
			{ owner: 'new' },
		]);
	});
});

describe('a process that starts while a newer version changes the schema', () => {
	const open = () => PostgresStore.open({ url, newId: createIds(() => START), now: () => START });

	it('refuses the schema that it finds when its turn comes, and leaves it as it is', async () => {
		await (await open()).close();
		// As before the update.
		await postgres.query(
			url,
			'DELETE FROM sureping.schema_steps WHERE step = (SELECT max(step) FROM sureping.schema_steps)',
		);
		const end = await meanwhile(
			'SELECT pg_advisory_xact_lock(7383737464)',
			`INSERT INTO sureping.schema_steps (step, made_at, made_by, usable_from)
			 VALUES (${MIGRATIONS.length}, now(), '9.9.9', 1), (99, now(), '9.9.9', 99)`,
		);
		const opening = open().then(
			(store) => store.close().then(() => 'it serves'),
			(error: Error) => error,
		);
		await somebodyWaits();
		await end();
		const refusal = await opening;
		expect(refusal).toBeInstanceOf(StoreError);
		expect(String(refusal)).toContain('newer version (schema 99, made by Sureping 9.9.9)');
		const steps = await postgres.query(url, 'SELECT step FROM sureping.schema_steps');
		expect(steps).toHaveLength(MIGRATIONS.length + 1);
	});
});

describe('a replay of what failed', () => {
	it('leaves out what was delivered while it was looked for', async () => {
		const scene = await webhooks();
		await scene.endpoint('ep_1', { events });
		await scene.queuedMany(2);
		await postgres.query(
			url,
			"UPDATE sureping.webhook_deliveries SET state = 'exhausted', due_at = NULL",
		);
		await scene.store.replays.start({ endpointId: 'ep_1', onlyFailed: true });
		const end = await meanwhile(
			'SELECT pg_advisory_xact_lock(7383737465)',
			'SELECT 1 FROM sureping.feed FOR UPDATE',
			`UPDATE sureping.webhook_deliveries SET state = 'delivered'
			 WHERE id = (SELECT min(id) FROM sureping.webhook_deliveries)`,
		);
		const step = scene.store.replays.advance();
		await somebodyWaits();
		await end();
		expect(await step).toBe(true);
		const states = await postgres.query(
			url,
			'SELECT state FROM sureping.webhook_deliveries ORDER BY state',
		);
		expect(states.map(({ state }) => state)).toEqual(['delivered', 'exhausted', 'pending']);
	});
});

describe('the feed of a PostgreSQL store', () => {
	it('has no row that every event makes longer to read while somebody looks at an old snapshot', async () => {
		const scene = await sends();
		const version = () => postgres.query(url, 'SELECT xmin, ctid FROM sureping.feed');
		const before = await version();
		const { id, delivery } = await scene.send();
		await scene.settle(id, delivery.id, OUTCOMES.delivered);
		expect(await version()).toEqual(before);
	});

	it('has its positions without gaps, also after what was rolled back', async () => {
		const scene = await sends();
		const transition = scene.planned();
		await scene.accept(transition);
		await expect(scene.accept(transition)).rejects.toThrow(/duplicate key/);
		await scene.send();
		const rows = await postgres.query(url, 'SELECT position FROM sureping.events ORDER BY 1');
		expect(rows.map(({ position }) => Number(position))).toEqual([1, 2]);
	});

	it('tells that events are gone also when they go while a page is read', async () => {
		const scene = await sends();
		for (let i = 0; i < 5; i++) await scene.send();
		const database = new Database(url, 1);
		ends.push(() => database.close());
		let statements = 0;
		const pruning: Sql = {
			async rows(text, values) {
				if (statements++ > 0) {
					await postgres.query(
						url,
						'UPDATE sureping.feed SET pruned_position = 4; DELETE FROM sureping.events WHERE position <= 4',
					);
				}
				return await database.rows(text, values);
			},
		};
		const feed = feedReaders(
			(query) => readPage(pruning, query),
			TELLS_ALL,
			async () => undefined,
		);
		const page = await feed.read('2', 100);
		expect(page?.isPruned ?? page?.events.length).toBe(3);
	});

	it('is not gone through twice because some report once found no message', async () => {
		const scene = await sends();
		const reports = new ReportStore({ now: () => START }, 'delivered', scene.bed);
		await reports.take(reports.report('m_unknown', { type: 'notification.delivered' }));
		const { id, delivery } = await scene.send();
		await scene.store.endpoints.all();
		expect(await stepsOf(scene, id, delivery.id)).toBe(1);
	});
});

describe('what is pruned', () => {
	const retention = {
		eventsMs: DAY,
		notificationsMs: undefined,
		webhookDeliveriesMs: DAY,
		reportsMs: undefined,
	};
	const prune = async ({ store }: { store: SendStore['store'] }): Promise<void> => {
		while (await store.upkeep.prune(START + 9 * DAY, retention));
	};

	it('is not an answer that is just being given to its key once more', async () => {
		const scene = await sends();
		await postgres.query(
			url,
			"INSERT INTO sureping.idempotency VALUES ('test', 'daily', 'hash', '{}', 1000)",
		);
		const end = await meanwhile(
			`UPDATE sureping.idempotency SET created_at = ${START + 9 * DAY}, body_hash = 'new'`,
		);
		const pruning = prune(scene);
		await somebodyWaits();
		await end();
		await pruning;
		const left = await postgres.query(url, 'SELECT body_hash FROM sureping.idempotency');
		expect(left).toEqual([{ body_hash: 'new' }]);
	});

	it('is not a webhook that is just being retried', async () => {
		const scene = await webhooks();
		await scene.endpoint('ep_1', { events });
		await scene.queued();
		await postgres.query(
			url,
			"UPDATE sureping.webhook_deliveries SET state = 'exhausted', due_at = NULL",
		);
		const end = await meanwhile(
			"UPDATE sureping.webhook_deliveries SET state = 'pending', due_at = 0",
		);
		const pruning = prune(scene);
		await somebodyWaits();
		await end();
		await pruning;
		const { items } = await scene.store.webhooks.list({}, { limit: 10 });
		expect(items.map(({ state }) => state)).toEqual(['pending']);
	});

	it('is not an event of a replay that has just begun', async () => {
		const scene = await webhooks();
		await scene.endpoint('ep_1', { events });
		await scene.failed();
		await postgres.query(url, 'DELETE FROM sureping.webhook_deliveries');
		// A replay that begins has the turn of the feed when it is written.
		const end = await meanwhile(
			'SELECT pg_advisory_xact_lock(7383737465)',
			'SELECT 1 FROM sureping.feed FOR UPDATE',
			"INSERT INTO sureping.replays VALUES ('rpl_1', 'ep_1', 'running', 0, 2, '[]', 0, 0, 2, 0)",
		);
		const pruning = prune(scene);
		await somebodyWaits();
		await end();
		await pruning;
		expect((await scene.store.feed.read(undefined, 10))?.events).toHaveLength(3);
	});

	it('is nothing of a replay, which takes its turn before it begins', async () => {
		const scene = await webhooks();
		await scene.endpoint('ep_1', { events });
		await scene.queued();
		const end = await meanwhile(
			'SELECT pg_advisory_xact_lock(7383737465)',
			'SELECT 1 FROM sureping.feed FOR UPDATE',
		);
		const started = scene.store.replays.start({ endpointId: 'ep_1', onlyFailed: false });
		await somebodyWaits();
		expect(await postgres.query(url, 'SELECT 1 FROM sureping.replays')).toEqual([]);
		await end();
		expect(await started).toMatchObject({ total: 1 });
	});
});
