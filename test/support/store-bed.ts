import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewId } from '@sureping/engine';
import { PostgresStore } from '../../runner/store/postgres/index.ts';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import type { Store } from '../../runner/store/store.ts';

export interface BedOptions {
	readonly newId: NewId;
	now(): number;
}

/** A store with nothing in it, for a test of its own. */
export interface StoreBed {
	readonly store: Store;
	/** Another process's store on the same data; where only one process can have it, the same. */
	another(): Promise<Store>;
	/** As after a restart. */
	reopen(): Promise<void>;
	dispose(): Promise<void>;
}

export class SqliteBed implements StoreBed {
	store: SqliteStore;
	readonly file: string;
	private readonly dir = mkdtempSync(join(tmpdir(), 'sureping-store-'));
	private readonly options: BedOptions;

	constructor(options: BedOptions) {
		this.options = options;
		this.file = join(this.dir, 'a.db');
		this.store = new SqliteStore(this.file, options);
	}

	async another(): Promise<Store> {
		return this.store;
	}

	async reopen(): Promise<void> {
		await this.store.close();
		this.store = new SqliteStore(this.file, this.options);
	}

	async dispose(): Promise<void> {
		await this.store.close();
		rmSync(this.dir, { recursive: true });
	}
}

export class PostgresBed implements StoreBed {
	store: PostgresStore;
	readonly url: string;
	private readonly options: BedOptions;
	private readonly others: Store[] = [];

	private constructor(store: PostgresStore, url: string, options: BedOptions) {
		this.store = store;
		this.url = url;
		this.options = options;
	}

	/** On a database with nothing in it. */
	static async open(url: string, options: BedOptions): Promise<PostgresBed> {
		return new PostgresBed(await PostgresStore.open({ url, ...options }), url, options);
	}

	async another(): Promise<Store> {
		const other = await PostgresStore.open({ url: this.url, ...this.options });
		this.others.push(other);
		return other;
	}

	async reopen(): Promise<void> {
		await this.store.close();
		this.store = await PostgresStore.open({ url: this.url, ...this.options });
	}

	async dispose(): Promise<void> {
		await Promise.all([this.store, ...this.others].map((store) => store.close()));
	}
}
