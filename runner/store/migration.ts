/** The place of a migration that moves many rows. */
export interface MigrationProgress {
	/** Rows that are moved, those of earlier starts included. */
	readonly done: number;
	readonly total: number;
}

/** Follows a migration while a store opens. */
export interface MigrationWatcher {
	/**
	 * Called before the first part, after each part, and when all rows are moved. The migration goes on when the promise
	 * resolves.
	 */
	moved(progress: MigrationProgress): Promise<void>;
	/** Ends the migration after the part under way. */
	readonly signal?: AbortSignal | undefined;
}

/** For a migration that nobody follows. */
export const UNWATCHED: MigrationWatcher = { moved: async () => undefined };

/** The migration ended before all rows were moved, because of its watcher. The next start continues it. */
export class MigrationStopped extends Error {
	override readonly name = 'MigrationStopped';
}
