import { type ConnectionState, FRESH, type FullAt, shifted } from '@sureping/engine';
import type { ConnectionNews, SharedGates } from '../delivery-gates.ts';
import { fromJson, optionalText, type Row } from '../rows/columns.ts';
import type { Database, Sql, Transaction } from './database.ts';

export interface ConnectionTurnsOptions {
	readonly database: Database;
	readonly gates: SharedGates;
	/** This process, among the workers. */
	readonly owner: string;
	/** Of this process; milliseconds since 1970. */
	now(): number;
	/** The time that all processes share; the server's, unless given. */
	sharedNow?(): number;
}

/** How long a process that claims nothing may go without looking what the others know. */
const LOOK_EVERY_MS = 1_000;

/** The server's clock; `$n` is a time to use instead, or null. */
export const sharedTime = (n: number): string =>
	`coalesce($${n}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;

/** Of a row `l` of connection_limits, besides its lane. A worker that died probes nothing. */
export const CONNECTION = `l.version, l.state, l.probed_by,
	EXISTS (SELECT 1 FROM sureping.workers w WHERE w.id = l.probed_by) AS is_alive`;

/**
 * Rates, pauses and breakers of connections, as all processes together know them. A row per connection holds its state, by
 * the server's clock, so that those of the processes do not matter. Where attempts have to be counted, they are claimed
 * by whoever has locked the row, and counted in the same transaction: what was started is never forgotten, and what was
 * not started never counted.
 */
export class ConnectionTurns {
	private readonly options: ConnectionTurnsOptions;
	/** Lanes that have a row. */
	private readonly made = new Set<string>();
	/** The newest state that is known here, by lane: what was read before it and arrives after it is old. */
	private readonly versions = new Map<string, number>();
	private timer: NodeJS.Timeout | undefined;
	private telling: Promise<void> | undefined;

	constructor(options: ConnectionTurnsOptions) {
		this.options = options;
	}

	/** Looks for what the others have learnt, from now on. */
	start(): void {
		this.timer = setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY_MS).unref();
	}

	stop(): void {
		clearInterval(this.timer);
	}

	/** The time that all processes share, as a parameter of `sharedTime`. */
	get sharedNow(): number | null {
		return this.options.sharedNow?.() ?? null;
	}

	/** What is known of lanes, as rows of `CONNECTION`, `lane`, and the shared time as `now`, which was read at `now` here. */
	adopt(rows: readonly Row[], now: number): void {
		for (const row of rows) {
			const lane = String(row.lane);
			const version = Number(row.version ?? -1);
			if (version < (this.versions.get(lane) ?? 0)) continue;
			this.adoptRow(row, Number(row.now) - now);
		}
	}

	/** Tells the others what was learnt here. What cannot be told now is told later. */
	async tell(): Promise<void> {
		// What was learnt since it began is not in a telling that is under way.
		while (this.telling) await this.telling.catch(() => undefined);
		const { gates, now } = this.options;
		const lanes = gates.news();
		if (lanes.length === 0) return;
		this.telling = this.inTurn(lanes, now(), async () => undefined).finally(
			() => (this.telling = undefined),
		);
		await this.telling;
	}

	/**
	 * Runs `work` in a transaction while no other process starts an attempt through these lanes, and stores what it has made
	 * of their state. What is `now` here is when the turn began; `work` is told how far the shared time is ahead of it.
	 */
	async inTurn<T>(
		lanes: readonly string[],
		now: number,
		work: (sql: Transaction, aheadMs: number) => Promise<T>,
	): Promise<T> {
		const { database, gates, owner } = this.options;
		const sorted = [...new Set(lanes)].sort();
		const before = new Map<string, number>();
		const told = new Map<string, ConnectionNews>();
		const undo = (): void => {
			for (const [lane, version] of before) this.versions.set(lane, version);
			for (const [lane, news] of told) gates.tell(lane, news);
			told.clear();
		};
		try {
			const result = await database.transaction(async (sql) => {
				undo();
				const rows = await this.lock(sql, sorted);
				const aheadMs = Number(rows[0]?.now) - now;
				for (const row of rows) this.adoptRow(row, aheadMs);
				const result = await work(sql, aheadMs);
				const changes = rows.flatMap(({ lane, version, state, probed_by, is_alive }) => {
					const shared = gates.share(String(lane));
					told.set(String(lane), shared.news);
					const after = write(shifted(shared.state, aheadMs));
					const other = is_alive && probed_by !== owner ? probed_by : null;
					const probe = shared.isProbed ? owner : other;
					if (after === state && probe === probed_by) return [];
					before.set(String(lane), Number(version));
					this.versions.set(String(lane), Number(version) + 1);
					return [{ lane: String(lane), after, probe: optionalText(probe) ?? null }];
				});
				if (changes.length > 0) {
					sql.later(
						`UPDATE sureping.connection_limits l
						 SET state = u.state, probed_by = u.probed_by, version = l.version + 1
						 FROM unnest($1::text[], $2::text[], $3::text[]) AS u (lane, state, probed_by)
						 WHERE l.lane = u.lane`,
						[
							changes.map(({ lane }) => lane),
							changes.map(({ after }) => after),
							changes.map(({ probe }) => probe),
						],
					);
				}
				return result;
			});
			for (const lane of sorted) this.made.add(lane);
			return result;
		} catch (error) {
			undo();
			throw error;
		}
	}

	/** Reads when these recipients may be written to, for `DeliveryGates.turnOf`. In the turn of their lanes. */
	async adoptRecipients(
		sql: Sql,
		wanted: ReadonlyMap<string, ReadonlySet<string>>,
		aheadMs: number,
	): Promise<void> {
		const pairs = pairsOf(wanted);
		if (pairs.length === 0) return;
		const rows = await sql.rows(
			`SELECT t.lane, t.recipient, t.full_at FROM unnest($1::text[], $2::text[]) AS u (lane, recipient)
			 JOIN sureping.recipient_turns t ON t.lane = u.lane AND t.recipient = u.recipient`,
			[pairs.map(([lane]) => lane), pairs.map(([, key]) => key)],
		);
		const found = Map.groupBy(rows, ({ lane }) => String(lane));
		for (const lane of wanted.keys()) {
			const turns = (found.get(lane) ?? []).map((row): [string, FullAt] => [
				String(row.recipient),
				Number(row.full_at) - aheadMs,
			]);
			this.options.gates.adoptTurns(lane, new Map(turns));
		}
	}

	/** Stores what was made of them. */
	storeRecipients(sql: Transaction, lanes: Iterable<string>, aheadMs: number): void {
		const turns = new Map([...lanes].map((lane) => [lane, this.options.gates.turns(lane)]));
		const pairs = pairsOf(turns);
		if (pairs.length === 0) return;
		sql.later(
			`INSERT INTO sureping.recipient_turns
			 SELECT * FROM unnest($1::text[], $2::text[], $3::double precision[])
			 ON CONFLICT (lane, recipient) DO UPDATE SET full_at = excluded.full_at`,
			[
				pairs.map(([lane]) => lane),
				pairs.map(([, key]) => key),
				pairs.map(([lane, key]) => (turns.get(lane)?.get(key) ?? 0) + aheadMs),
			],
		);
	}

	private async lock(sql: Transaction, lanes: readonly string[]): Promise<readonly Row[]> {
		if (lanes.some((lane) => !this.made.has(lane))) {
			sql.later(
				`INSERT INTO sureping.connection_limits (lane) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
				[lanes],
			);
		}
		// The time is read when the rows are locked: while others have them, it goes on.
		return await sql.rows(
			`WITH locked AS MATERIALIZED (
				SELECT * FROM sureping.connection_limits WHERE lane = ANY ($1::text[]) ORDER BY lane FOR UPDATE
			 ) SELECT l.lane, ${CONNECTION}, ${sharedTime(2)} AS now FROM locked l`,
			[lanes, this.sharedNow],
		);
	}

	private async look(): Promise<void> {
		const rows = await this.options.database.rows(
			`SELECT l.lane, ${CONNECTION}, ${sharedTime(1)} AS now FROM sureping.connection_limits l`,
			[this.sharedNow],
		);
		this.adopt(rows, this.options.now());
		await this.tell();
	}

	private adoptRow(row: Row, aheadMs: number): void {
		const { gates, owner } = this.options;
		const lane = String(row.lane);
		this.versions.set(lane, Number(row.version));
		const isProbed = Boolean(row.is_alive) && row.probed_by !== owner;
		gates.adopt(lane, { state: shifted(read(row.state), -aheadMs), isProbed });
	}
}

/** How many failures in a row each process saw is its own. */
function write({ breaker: { open, outage }, ...state }: ConnectionState): string {
	return JSON.stringify({ ...state, breaker: { failures: 0, open, outage } });
}

function read(text: unknown): ConnectionState {
	return { ...FRESH, ...fromJson<Partial<ConnectionState>>(text) };
}

const pairsOf = (
	byLane: ReadonlyMap<string, { keys(): Iterable<string> }>,
): readonly (readonly [string, string])[] =>
	[...byLane].flatMap(([lane, keyed]) => [...keyed.keys()].map((key) => [lane, key] as const));

/** Those that have long been free to be written to need not be remembered. */
export async function forgetRecipients(sql: Sql, most: number): Promise<number> {
	const rows = await sql.rows(
		`DELETE FROM sureping.recipient_turns WHERE (lane, recipient) IN (
			SELECT lane, recipient FROM sureping.recipient_turns
			WHERE full_at < extract(epoch FROM clock_timestamp() - interval '1 minute') * 1000
			ORDER BY full_at LIMIT $1::integer FOR UPDATE SKIP LOCKED
		 ) RETURNING 1 AS one`,
		[most],
	);
	return rows.length;
}
