import { optionalText, type Row } from '../../rows/columns.ts';
import { type Database, StartOver, type Transaction } from './database.ts';

/** What a process makes of a row, and what it would have in it. */
export interface SharedLimitsState {
	/** By a clock that is `aheadMs` ahead of this process's; `isProbed`: by another process. */
	adopt(lane: string, state: string, aheadMs: number, isProbed: boolean): void;
	/** `undo` takes back that it was handed over. */
	share(
		lane: string,
		aheadMs: number,
	): { readonly state: string; readonly isProbed: boolean; undo(): void };
}

export interface SharedLimitsOptions {
	readonly database: Database;
	readonly table: 'connection_limits' | 'endpoint_limits';
	/** This process, among the workers. */
	readonly owner: string;
	/** The time that all processes share; the server's, unless given. */
	readonly sharedNow?: (() => number) | undefined;
	readonly keeper: SharedLimitsState;
}

/** The time that all processes share: the server's, unless `$n` is one and not null. */
export const sharedTime = (n: number): string =>
	`coalesce($${n}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;

/** Of a row `l`, besides its lane. A worker that died probes nothing. */
export const LIMITS = `l.version, l.state, l.probed_by,
	EXISTS (SELECT 1 FROM sureping.workers w WHERE w.id = l.probed_by) AS is_alive`;

/**
 * What several processes know together of what they send through: a row for each connection or endpoint, by the server's
 * clock, so that those of the processes do not matter. What has to be counted is claimed by whoever has locked the row,
 * and counted in the same transaction: what was started is never forgotten, and what was not started never counted.
 */
export class SharedLimits {
	private readonly options: SharedLimitsOptions;
	/** Lanes that have a row. */
	private readonly made = new Set<string>();
	/** The oldest version of each row that is news here: what was read before it, and arrives after it, is old. */
	private readonly versions = new Map<string, number>();

	constructor(options: SharedLimitsOptions) {
		this.options = options;
	}

	/** A parameter of `sharedTime`. */
	get sharedNow(): number | null {
		return this.options.sharedNow?.() ?? null;
	}

	/** What was read without a turn, when it was `now` here: rows of `lane`, `LIMITS`, and the shared time as `now`. */
	adopt(rows: readonly Row[], now: number): void {
		for (const row of rows) {
			const lane = String(row.lane);
			const version = Number(row.version ?? -1);
			if (version >= (this.versions.get(lane) ?? 0)) this.adoptRow(row, Number(row.now) - now);
		}
	}

	/**
	 * Runs `work` in a transaction while no other process starts anything through these lanes, and stores what it has made
	 * of their state. `now` is this process's time, as `work` takes it; it is told how far the shared time is ahead of it.
	 */
	async whileLocked<T>(
		lanes: readonly string[],
		now: () => number,
		work: (sql: Transaction, aheadMs: number) => Promise<T>,
	): Promise<T> {
		const sorted = [...new Set(lanes)].sort();
		let undo: (() => void)[] = [];
		const undoAll = (): void => {
			for (const one of undo.splice(0)) one();
		};
		try {
			const { result, unchanged } = await this.options.database.transaction(async (sql) => {
				undoAll();
				const rows = await this.lock(sql, sorted);
				const aheadMs = Number(rows[0]?.now) - now();
				const leap = watchLeaps(now);
				for (const row of rows) {
					const [lane, version] = [String(row.lane), Number(row.version)];
					this.adoptRow(row, aheadMs);
					// What is read without a turn until this one ends is old.
					this.versions.set(lane, version + 1);
					undo.push(() => this.versions.set(lane, version));
				}
				const result = await work(sql, aheadMs);
				return { result, unchanged: this.store(sql, rows, aheadMs - leap(), undo) };
			});
			undo = [];
			for (const lane of sorted) this.made.add(lane);
			for (const { lane, version } of unchanged) this.versions.set(String(lane), Number(version));
			return result;
		} catch (error) {
			undoAll();
			throw error;
		}
	}

	/** The result are those rows that stay as they were. */
	private store(
		sql: Transaction,
		rows: readonly Row[],
		aheadMs: number,
		undo: (() => void)[],
	): readonly Row[] {
		const { owner, keeper, table } = this.options;
		const after = rows.map((row) => {
			const shared = keeper.share(String(row.lane), aheadMs);
			undo.push(() => shared.undo());
			const other = row.is_alive && row.probed_by !== owner ? row.probed_by : null;
			return { row, state: shared.state, probedBy: shared.isProbed ? owner : other };
		});
		const isChanged = ({ row, state, probedBy }: (typeof after)[number]): boolean =>
			state !== row.state || probedBy !== row.probed_by;
		const changed = after.filter(isChanged);
		if (changed.length > 0) {
			sql.later(
				`UPDATE sureping.${table} l SET state = u.state, probed_by = u.probed_by, version = l.version + 1
				 FROM unnest($1::text[], $2::text[], $3::text[]) AS u (lane, state, probed_by)
				 WHERE l.lane = u.lane`,
				[
					changed.map(({ row }) => String(row.lane)),
					changed.map(({ state }) => state),
					changed.map(({ probedBy }) => optionalText(probedBy) ?? null),
				],
			);
		}
		return after.filter((one) => !isChanged(one)).map(({ row }) => row);
	}

	private async lock(sql: Transaction, lanes: readonly string[]): Promise<readonly Row[]> {
		const { table } = this.options;
		if (lanes.some((lane) => !this.made.has(lane))) {
			sql.later(
				`INSERT INTO sureping.${table} (lane) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
				[lanes],
			);
		}
		// The time is read when the rows are locked: while others have them, it goes on.
		const rows = await sql.rows(
			`WITH locked AS MATERIALIZED (
				SELECT * FROM sureping.${table} WHERE lane = ANY ($1::text[]) ORDER BY lane FOR UPDATE
			 ) SELECT l.lane, ${LIMITS}, ${sharedTime(2)} AS now FROM locked l`,
			[lanes, this.sharedNow],
		);
		if (rows.length < lanes.length) {
			// Somebody has taken rows away, as a database that was restored to an earlier time: they are made again.
			for (const lane of lanes) this.made.delete(lane);
			throw new StartOver('A row of limits is not there');
		}
		return rows;
	}

	private adoptRow(row: Row, aheadMs: number): void {
		const { keeper, owner } = this.options;
		const lane = String(row.lane);
		this.versions.set(lane, Number(row.version));
		const isProbed = Boolean(row.is_alive) && row.probed_by !== owner;
		keeper.adopt(lane, String(row.state), aheadMs, isProbed);
	}
}

/** A clock that is set forward by less is not told from time that passes; milliseconds. */
const LEAP_MS = 1_000;

/**
 * How far this process's clock was set forward from now on. What happened after that was noted by its new time, and would be
 * stored as of the future, such as a pause of a second as one that lasts until the others' clocks have caught up.
 */
function watchLeaps(now: () => number): () => number {
	const [from, steady] = [now(), performance.now()];
	return () => {
		const leap = now() - from - (performance.now() - steady);
		return leap > LEAP_MS ? leap : 0;
	};
}
