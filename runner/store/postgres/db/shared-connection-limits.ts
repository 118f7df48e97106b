import { type ConnectionState, FRESH, type FullAt, onClockAhead } from '@sureping/engine';
import type { SharedConnections } from '../../contract/limits.ts';
import { fromJson } from '../../rows/columns.ts';
import type { Database, Sql, Transaction } from './database.ts';
import { LIMITS, SharedLimits, type SharedLimitsOptions, sharedTime } from './shared-limits.ts';

export interface SharedConnectionLimitsOptions extends Pick<
	SharedLimitsOptions,
	'database' | 'owner' | 'sharedNow'
> {
	readonly gates: SharedConnections;
	/** The clock of this process; milliseconds since 1970. */
	now(): number;
}

/** Interval at which a process that claims nothing reads the shared state. */
const LOOK_EVERY_MS = 1_000;

/** Rates, pauses and breakers of connections, which all processes share. */
export class SharedConnectionLimits {
	readonly rows: SharedLimits;
	private readonly database: Database;
	private readonly gates: SharedConnections;
	private readonly now: () => number;
	private timer: NodeJS.Timeout | undefined;
	private storing: Promise<void> | undefined;

	constructor({ gates, now, ...options }: SharedConnectionLimitsOptions) {
		this.database = options.database;
		this.gates = gates;
		this.now = now;
		this.rows = new SharedLimits({
			...options,
			table: 'connection_limits',
			keeper: {
				adopt: (lane, state, aheadMs, isProbed) =>
					gates.adopt(lane, { state: onClockAhead(read(state), -aheadMs), isProbed }),
				share(lane, aheadMs) {
					const { state, isProbed, news } = gates.share(lane);
					const undo = (): void => gates.addNews(lane, news);
					return { state: write(onClockAhead(state, aheadMs)), isProbed, undo };
				},
			},
		});
	}

	/** Starts reading the state that other processes store. */
	start(): void {
		this.timer = setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY_MS).unref();
	}

	stop(): void {
		clearInterval(this.timer);
	}

	/** Stores news for the other processes. What cannot be stored now is stored later. */
	async storeNews(): Promise<void> {
		// A storing that is under way does not contain the news since it began.
		while (this.storing) await this.storing.catch(() => undefined);
		const lanes = this.gates.news();
		if (lanes.length === 0) return;
		this.storing = this.rows
			.whileLocked(lanes, this.now, async () => undefined)
			.finally(() => (this.storing = undefined));
		await this.storing;
	}

	/**
	 * Reads when these recipients may be written to, for `DeliveryGates.reserve`, and forgets all others of their lanes, which
	 * may be out of date. While the lanes are locked.
	 */
	async adoptRecipients(
		sql: Sql,
		wanted: ReadonlyMap<string, ReadonlySet<string>>,
		aheadMs: number,
	): Promise<void> {
		const pairs = pairsOf(wanted);
		const rows =
			pairs.length === 0
				? []
				: await sql.rows(
						`SELECT t.lane, t.recipient, t.full_at
						 FROM unnest($1::text[], $2::text[]) AS u (lane, recipient)
						 JOIN sureping.recipient_turns t ON t.lane = u.lane AND t.recipient = u.recipient`,
						[pairs.map(([lane]) => lane), pairs.map(([, key]) => key)],
					);
		const found = Map.groupBy(rows, ({ lane }) => String(lane));
		for (const lane of wanted.keys()) {
			const slots = (found.get(lane) ?? []).map((row): [string, FullAt] => [
				String(row.recipient),
				Number(row.full_at) - aheadMs,
			]);
			this.gates.adoptRecipients(lane, new Map(slots));
		}
	}

	/** Stores when recipients of these lanes may be written to. */
	storeRecipients(sql: Transaction, lanes: Iterable<string>, aheadMs: number): void {
		const slots = new Map([...lanes].map((lane) => [lane, this.gates.recipients(lane)]));
		const pairs = pairsOf(slots);
		if (pairs.length === 0) return;
		sql.later(
			`INSERT INTO sureping.recipient_turns
			 SELECT * FROM unnest($1::text[], $2::text[], $3::double precision[])
			 ON CONFLICT (lane, recipient) DO UPDATE SET full_at = excluded.full_at`,
			[
				pairs.map(([lane]) => lane),
				pairs.map(([, key]) => key),
				pairs.map(([lane, key]) => (slots.get(lane)?.get(key) ?? 0) + aheadMs),
			],
		);
	}

	private async look(): Promise<void> {
		const rows = await this.database.rows(
			`SELECT l.lane, ${LIMITS}, ${sharedTime(1)} AS now FROM sureping.connection_limits l`,
			[this.rows.sharedNow],
		);
		this.rows.adopt(rows, this.now());
		await this.storeNews();
	}
}

/** The failures in a row are left out: each process counts its own. */
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

/** Removes up to `most` recipients that have been free to be written to for a minute, and returns their number. */
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
