import { optionalNumber } from '../../rows/columns.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Query } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

/** Milliseconds. A look-up by time reads the events of one period at most, if the clock is not set back. */
const PERIOD_MS = 10_000;

const periodOf = (time: number): number => Math.floor(time / PERIOD_MS);

/** Finds positions of the feed by time: the first position of each period is enough, since events are stored in order. */
export class EventTimes {
	private readonly sql: Statements;
	private readonly commits: GroupCommit;
	private noted = -1;

	constructor(sql: Statements, commits: GroupCommit) {
		this.sql = sql;
		this.commits = commits;
	}

	/** Notes the first event of each period, in the transaction that stores it. */
	note(position: number, time: number): void {
		const period = periodOf(time);
		if (period === this.noted) return;
		this.sql.run`INSERT INTO event_periods VALUES (${period}, ${position}) ON CONFLICT DO NOTHING`;
		this.commits.onceDurable(() => (this.noted = period));
	}
}

/** Selects, as `position`, the first event that was stored at or after a time. */
export const firstSince = (time: number): Query => ({
	sql: `SELECT position FROM events WHERE position >= (SELECT min(position) FROM event_periods WHERE period >= ?)
		AND created_at >= ? ORDER BY position LIMIT 1`,
	values: [periodOf(time), time],
});

/** Selects, as `position`, the last event that was stored at or before a time; NULL for none. */
export const lastUntil = (time: number): Query => ({
	sql: `SELECT max(position) AS position FROM events WHERE created_at <= ?
		AND position >= coalesce((SELECT max(position) FROM event_periods WHERE period < ?), 0)
		AND position < coalesce((SELECT min(position) FROM event_periods WHERE period > ? AND position >
			(SELECT max(position) FROM event_periods WHERE period <= ?)), 9007199254740991)`,
	values: [time, periodOf(time), periodOf(time), periodOf(time)],
});

/** Forgets the periods before that of the first event that is kept. */
export function forgetPeriods(sql: Statements): void {
	sql.run`DELETE FROM event_periods WHERE period < (SELECT max(period) FROM event_periods
		WHERE position <= (SELECT min(position) FROM events))`;
}

export const positionOf = (row: { readonly position?: unknown } | undefined): number | undefined =>
	optionalNumber(row?.position);
