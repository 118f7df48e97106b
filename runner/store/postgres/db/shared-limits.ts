import { optionalText, type Row } from '../../rows/columns.ts';
import { type Database, StartOver, type Transaction } from './database.ts';

/** Converts between a row of limits and the limits that a process keeps in memory. */
export interface SharedLimitsState {
	/** Takes over a row, whose times are by a clock `aheadMs` ahead of this process's. `isProbed`: by another process. */
	adopt(lane: string, state: string, aheadMs: number, isProbed: boolean): void;
	/** Hands over the state for the row. `undo` is called if it could not be stored. */
	share(
		lane: string,
		aheadMs: number,
	): { readonly state: string; readonly isProbed: boolean; undo(): void };
}

export interface SharedLimitsOptions {
	readonly database: Database;
	readonly table: 'connection_limits' | 'endpoint_limits';
	/** The id of this process among the workers. */
	readonly owner: string;
	/** The time that all processes share; the server's, unless given. */
	readonly sharedNow?: (() => number) | undefined;
	readonly keeper: SharedLimitsState;
}

/** The time that all processes share, as SQL: the parameter `$n`, or the server's where that is null. */
export const sharedTime = (n: number): string =>
	`coalesce($${n}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;

/** Columns of a row `l`, besides its lane. The probe of a worker that died does not count. */
export const LIMITS = `l.version, l.state, l.probed_by,
	EXISTS (SELECT 1 FROM sureping.workers w WHERE w.id = l.probed_by) AS is_alive`;

/**
 * Limits that processes share: a row for each connection or endpoint, with times by the server's clock, so that the
 * clocks of the processes do not matter. A process that claims from a lane with limits holds the lock on its row, and
 * counts the starts in the same transaction. So exactly the real starts are counted.
 */
export class SharedLimits {
	private readonly options: SharedLimitsOptions;
	/** Lanes that are known to have a row. */
	private readonly made = new Set<string>();
	/** The first version of each row that is new to this process. A read that arrives late has an older one and is ignored. */
	private readonly versions = new Map<string, number>();

	constructor(options: SharedLimitsOptions) {
		this.options = options;
	}

	/** A parameter of `sharedTime`. */
	get sharedNow(): number | null {
		return this.options.sharedNow?.() ?? null;
	}

	/**
	 * Takes over rows that were read without a lock, at this process's time `now`. They hold `lane`, `LIMITS`, and the shared
	 * time as `now`.
	 */
	adopt(rows: readonly Row[], now: number): void {
		for (const row of rows) {
			const lane = String(row.lane);
			const version = Number(row.version ?? -1);
			if (version >= (this.versions.get(lane) ?? 0)) this.adoptRow(row, Number(row.now) - now);
		}
	}

	/**
	 * Runs `work` in a transaction while no other process starts anything through these lanes, and stores their state after
	 * it. `now` is this process's clock; `work` gets the milliseconds by which the shared time is ahead of it.
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
					// Reads without a lock that end before this transaction are out of date.
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

	/** Stores the state of rows that changed, and returns the other rows. */
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
		// The time is read once the rows are locked, since waiting for them takes time.
		const rows = await sql.rows(
			`WITH locked AS MATERIALIZED (
				SELECT * FROM sureping.${table} WHERE lane = ANY ($1::text[]) ORDER BY lane FOR UPDATE
			 ) SELECT l.lane, ${LIMITS}, ${sharedTime(2)} AS now FROM locked l`,
			[lanes, this.sharedNow],
		);
		if (rows.length < lanes.length) {
			// Rows are missing, as after the restore of an earlier backup: they are made again.
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

/** Smallest leap of a clock that is recognised, in milliseconds; a smaller one looks like passing time. */
const LEAP_MS = 1_000;

/**
 * Measures by how much this process's clock is set forward from now on. Times noted after such a leap would be stored as
 * times in the future: a pause of a second would last until the other clocks have caught up.
 */
function watchLeaps(now: () => number): () => number {
	const [from, steady] = [now(), performance.now()];
	return () => {
		const leap = now() - from - (performance.now() - steady);
		return leap > LEAP_MS ? leap : 0;
	};
}
