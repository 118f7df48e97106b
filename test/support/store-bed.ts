import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { NewId } from '@sureping/engine';
import pg from 'pg';
import type { DeliveryGates } from '../../runner/store/contract/limits.ts';
import { PostgresStore } from '../../runner/store/postgres/index.ts';
import type { AboutRules } from '../../runner/store/rows/event.ts';
import type { Disk } from '../../runner/store/sqlite/db/wal-sync.ts';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import type { Store } from '../../runner/store/contract/index.ts';

export interface BedOptions {
	readonly newId: NewId;
	now(): number;
	readonly gates?: DeliveryGates;
	readonly about?: AboutRules;
	/** Of a SQLite store. */
	readonly disk?: Disk;
}

/** A disk that has everything at once, for a clock that does not know what a store waits for. */
export const INSTANT_DISK: Disk = {
	sync: async () => undefined,
	close: async () => undefined,
};

/** A store with nothing in it, for a test of its own. */
export interface StoreBed {
	readonly store: Store;
	/** Something asked of it is not answered yet. */
	isBusy(): boolean;
	/** Resolves when everything is answered. */
	whenIdle(): Promise<void>;
	/** The tables that hold a notification and its deliveries. */
	readonly notificationTables: readonly string[];
	/** Runs SQL as another program would: `?` stands for a value. */
	sql(text: string, ...values: string[]): Promise<readonly Record<string, unknown>[]>;
	/** Another process's store on the same data; where only one process can have it, the same. */
	another(): Promise<Store>;
	/** As after a restart. */
	reopen(): Promise<void>;
	dispose(): Promise<void>;
}

/** Counts what a store is asked and has not answered. */
class Unanswered {
	private count = 0;
	private readonly waiting: (() => void)[] = [];

	get isBusy(): boolean {
		return this.count > 0;
	}

	whenIdle(): Promise<void> {
		return this.isBusy ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
	}

	private answered(): void {
		if (--this.count > 0) return;
		for (const resolve of this.waiting.splice(0)) resolve();
	}

	/** The same store, counted. */
	of<T extends Store>(store: T): T {
		return this.calls(store, (noun) => this.calls(noun, (value) => value));
	}

	/** The same object, whose calls are counted; `other` stands for its members that are objects. */
	private calls<T extends object>(object: T, other: (member: object) => object): T {
		const others = new Map<PropertyKey, object>();
		return new Proxy(object, {
			get: (target, name) => {
				const member: unknown = Reflect.get(target, name, target);
				if (typeof member === 'object' && member !== null) {
					const known = others.get(name) ?? other(member);
					others.set(name, known);
					return known;
				}
				if (typeof member !== 'function') return member;
				return (...args: unknown[]): unknown => {
					const result: unknown = Reflect.apply(member, target, args);
					if (!(result instanceof Promise)) return result;
					this.count++;
					return result.finally(() => this.answered());
				};
			},
		});
	}
}

export class SqliteBed implements StoreBed {
	store: SqliteStore;
	readonly notificationTables = [
		'notifications',
		'deliveries_due',
		'notification_channels',
		'message_ids',
	];
	readonly file: string;
	private readonly dir = mkdtempSync(join(tmpdir(), 'sureping-store-'));
	private readonly options: BedOptions;
	private readonly unanswered = new Unanswered();

	constructor(options: BedOptions) {
		this.options = options;
		this.file = join(this.dir, 'a.db');
		this.store = this.unanswered.of(new SqliteStore(this.file, options));
	}

	isBusy(): boolean {
		return this.unanswered.isBusy;
	}

	whenIdle(): Promise<void> {
		return this.unanswered.whenIdle();
	}

	/** Damage and looks from outside are meant for rows, so that what is owed has its rows first, as after a restart. */
	async sql(text: string, ...values: string[]): Promise<readonly Record<string, unknown>[]> {
		await this.store.webhooks.list({}, { limit: 1 });
		const db = new DatabaseSync(this.file);
		try {
			return db.prepare(text).all(...values);
		} finally {
			db.close();
		}
	}

	async another(): Promise<Store> {
		return this.store;
	}

	async reopen(): Promise<void> {
		await this.store.close();
		this.store = this.unanswered.of(new SqliteStore(this.file, this.options));
	}

	async dispose(): Promise<void> {
		await this.store.close();
		rmSync(this.dir, { recursive: true });
	}
}

/** A process of the server's for each connection is most of what a short test costs. */
const CONNECTIONS = 4;

const openStore = (url: string, options: BedOptions): Promise<PostgresStore> =>
	PostgresStore.open({ url, sharedNow: options.now, connections: CONNECTIONS, ...options });

export class PostgresBed implements StoreBed {
	store: Store;
	readonly notificationTables = ['notifications', 'deliveries'];
	readonly url: string;
	private readonly options: BedOptions;
	private readonly others: Store[] = [];
	private readonly unanswered = new Unanswered();

	private constructor(store: PostgresStore, url: string, options: BedOptions) {
		this.store = this.unanswered.of<Store>(store);
		this.url = url;
		this.options = options;
	}

	/** On a database with nothing in it. */
	static async open(url: string, options: BedOptions): Promise<PostgresBed> {
		return new PostgresBed(await openStore(url, options), url, options);
	}

	async another(): Promise<Store> {
		const other = await openStore(this.url, this.options);
		this.others.push(other);
		return other;
	}

	async reopen(): Promise<void> {
		await this.store.close();
		this.store = this.unanswered.of<Store>(await openStore(this.url, this.options));
	}

	isBusy(): boolean {
		return this.unanswered.isBusy;
	}

	whenIdle(): Promise<void> {
		return this.unanswered.whenIdle();
	}

	async sql(text: string, ...values: string[]): Promise<readonly Record<string, unknown>[]> {
		const client = new pg.Client({
			connectionString: this.url,
			options: '-c search_path=sureping',
		});
		await client.connect();
		try {
			let number = 0;
			const numbered = text.replace(/\?/g, () => `$${++number}`);
			return (await client.query<Record<string, unknown>>(numbered, values)).rows;
		} finally {
			await client.end();
		}
	}

	async dispose(): Promise<void> {
		await Promise.all([this.store, ...this.others].map((store) => store.close()));
	}
}
