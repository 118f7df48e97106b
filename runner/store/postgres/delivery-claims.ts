import type { DueDelivery } from '../store.ts';
import type { Database } from './database.ts';
import type { Leases } from './leases.ts';
import { readRecords } from './notification-rows.ts';

/** The deliveries that this process works on. */
export class DeliveryClaims {
	private readonly database: Database;
	private readonly leases: Leases;
	private readonly claimed = new Set<string>();

	constructor(database: Database, leases: Leases) {
		this.database = database;
		this.leases = leases;
	}

	/**
	 * Takes up to `limit`, critical ones first, then the longest due. What cannot be read stays claimed for as long as this
	 * process lives, so that it does not keep the others back; only when nothing else is there is its error thrown.
	 */
	async take(now: number, limit: number): Promise<readonly DueDelivery[]> {
		await this.leases.hold();
		const due = (priority: 0 | 1, most: string): string =>
			`SELECT id FROM sureping.deliveries
			 WHERE due_at IS NOT NULL AND owner IS NULL AND priority = ${priority} AND due_at <= $1::bigint
			 ORDER BY due_at LIMIT ${most} FOR UPDATE SKIP LOCKED`;
		const rows = await this.database.rows(
			`WITH critical AS MATERIALIZED (${due(0, '$2::integer')}),
			 normal AS MATERIALIZED (${due(1, '$2::integer - (SELECT count(*) FROM critical)')}),
			 due AS (SELECT id FROM critical UNION ALL SELECT id FROM normal)
			 UPDATE sureping.deliveries d SET owner = $3 FROM due WHERE d.id = due.id
			 RETURNING d.id, d.notification_id, d.priority, d.due_at`,
			[now, limit, this.leases.owner],
		);
		// What this process still works on although its lease ran out meanwhile is its own again.
		const taken = rows
			.filter(({ id }) => !this.claimed.has(String(id)))
			.sort(
				(a, b) => Number(a.priority) - Number(b.priority) || Number(a.due_at) - Number(b.due_at),
			);
		if (taken.length === 0) return [];
		for (const { id } of taken) this.claimed.add(String(id));
		const ids = [...new Set(taken.map(({ notification_id }) => String(notification_id)))];
		const { records, failures } = await readRecords(this.database, ids).catch((error: unknown) => {
			for (const { id } of taken) this.release(String(id));
			throw error;
		});
		const items = taken.flatMap(({ id, notification_id }) => {
			const record = records.get(String(notification_id));
			return record ? [{ notification: record.notification, deliveryId: String(id) }] : [];
		});
		if (items.length === 0 && failures.length > 0) throw failures[0];
		return items;
	}

	/** The attempt ended, and its claim with it, in the transaction that stored its outcome. */
	ended(deliveryId: string): void {
		this.claimed.delete(deliveryId);
	}

	release(deliveryId: string): void {
		if (this.claimed.delete(deliveryId)) this.leases.giveBack('deliveries', [deliveryId]);
	}

	async nextAt(time: number): Promise<number | undefined> {
		const next = (priority: 0 | 1): string =>
			`(SELECT min(due_at) FROM sureping.deliveries
			  WHERE due_at IS NOT NULL AND owner IS NULL AND priority = ${priority} AND due_at > $1::bigint)`;
		const [row] = await this.database.rows(`SELECT least(${next(0)}, ${next(1)}) AS due_at`, [
			time,
		]);
		return row?.due_at === null || row?.due_at === undefined ? undefined : Number(row.due_at);
	}
}
