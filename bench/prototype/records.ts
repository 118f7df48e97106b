import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Commits } from './commits.ts';
import type { Feature } from './features.ts';

type Position = number | bigint;

export interface Accepted {
	readonly position: Position;
	readonly id: string;
	/** The request's body. */
	readonly text: string;
}

const SCHEMA = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
	CREATE TABLE notifications (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
		done INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
	CREATE TABLE events (position INTEGER PRIMARY KEY, notification_id TEXT NOT NULL, type TEXT NOT NULL,
		created_at INTEGER NOT NULL, owed INTEGER NOT NULL, id TEXT, body TEXT) STRICT;
	CREATE INDEX events_owed ON events (position) WHERE owed = 1;
	CREATE TABLE answers (key TEXT PRIMARY KEY, notification_id TEXT NOT NULL) STRICT, WITHOUT ROWID;`;

const FEATURE_SCHEMA: Readonly<Partial<Record<Feature, string>>> = {
	feed: `CREATE UNIQUE INDEX events_by_id ON events (id);
		CREATE INDEX events_of_notification ON events (notification_id, position);
		CREATE INDEX events_by_type ON events (type, position);
		CREATE INDEX events_by_time ON events (created_at, position);`,
	order: 'CREATE INDEX notifications_pending ON notifications (position) WHERE done = 0;',
};

/** The prototype's database. */
export class Records {
	private readonly commits: Commits;
	private readonly hasQueuedEvents: boolean;
	private readonly hasFeed: boolean;
	private readonly insertNotification: StatementSync;
	private readonly endNotification: StatementSync;
	private readonly insertEvent: StatementSync;
	private readonly acknowledge: StatementSync;
	private readonly findAnswer: StatementSync;
	private readonly insertAnswer: StatementSync;
	private readonly pendingAfter: StatementSync;
	private eventCount = 0;

	constructor(file: string, features: ReadonlySet<Feature>) {
		const db = new DatabaseSync(file);
		db.exec(SCHEMA);
		for (const feature of features) db.exec(FEATURE_SCHEMA[feature] ?? '');
		this.commits = new Commits(db);
		this.hasQueuedEvents = features.has('queued');
		this.hasFeed = features.has('feed');
		this.insertNotification = db.prepare('INSERT INTO notifications VALUES (NULL, ?, ?, 0, ?)');
		this.endNotification = db.prepare('UPDATE notifications SET done = 1 WHERE position = ?');
		this.insertEvent = db.prepare('INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?)');
		this.acknowledge = db.prepare('UPDATE events SET owed = 0 WHERE position = ?');
		this.findAnswer = db.prepare('SELECT notification_id FROM answers WHERE key = ?');
		this.insertAnswer = db.prepare('INSERT INTO answers VALUES (?, ?)');
		this.pendingAfter = db.prepare(
			'SELECT position, id, body FROM notifications WHERE done = 0 AND position > ? ORDER BY position LIMIT ?',
		);
	}

	/**
	 * @param key of a send that is not to be taken twice
	 * @returns undefined for a key that was there before
	 */
	accept(id: string, text: string, key?: string): Promise<Position | undefined> {
		return this.commits.now(() => {
			if (key !== undefined) {
				if (this.findAnswer.get(key)) return undefined;
				this.insertAnswer.run(key, id);
			}
			const now = Date.now();
			const { lastInsertRowid } = this.insertNotification.run(id, now, text);
			if (this.hasQueuedEvents) this.addEvent(id, QUEUED, now, 0, queuedEvent(id, now));
			return lastInsertRowid;
		});
	}

	/** Ends a notification and adds its event. Resolves with the event's position, under which its webhook is owed. */
	settle({ position, id }: Accepted, now: number, event: string): Promise<Position> {
		return this.commits.soon(() => {
			this.endNotification.run(position);
			return this.addEvent(id, 'notification.delivered', now, 1, event);
		});
	}

	acknowledged(event: Position): Promise<unknown> {
		return this.commits.soon(() => this.acknowledge.run(event));
	}

	/** The oldest that are pending after a position. */
	pending(after: Position, limit: number): readonly Accepted[] {
		return this.pendingAfter.all(after, limit).map(({ position, id, body }) => ({
			position: Number(position),
			id: String(id),
			text: String(body),
		}));
	}

	/** @param body what a webhook tells. It follows from the other columns, so only a feed keeps it. */
	private addEvent(id: string, type: string, now: number, owed: 0 | 1, body: string): Position {
		const eventId = this.hasFeed ? `${id}e${(this.eventCount++).toString(36)}` : null;
		const kept = this.hasFeed ? body : null;
		return this.insertEvent.run(id, type, now, owed, eventId, kept).lastInsertRowid;
	}
}

const QUEUED = 'notification.queued';

const queuedEvent = (id: string, now: number): string =>
	JSON.stringify({
		event: QUEUED,
		notification_id: id,
		timestamp: new Date(now).toISOString(),
	});
