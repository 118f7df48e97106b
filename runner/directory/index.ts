/**
 * The people who can be paged, as the config and the API name them: contacts, on-calls with who is on call, and policies.
 *
 * @module
 */
import type { TimeZones } from '@sureping/engine';
import type { Store } from '../store/contract/index.ts';
import { combined, type DirectorySnapshot, type Entries, snapshotOf } from './snapshot.ts';

export type { DirectorySnapshot, Entries } from './snapshot.ts';

export interface RunnerDirectoryOptions {
	/** Entries of the config. */
	readonly configured: Entries;
	readonly store: Pick<Store, 'directoryEntries'>;
	readonly timeZones: TimeZones;
}

export interface RunnerDirectory {
	/** The directory as the config and the last committed change have it. */
	snapshot(): Promise<DirectorySnapshot>;
}

export function createDirectory({
	configured,
	store,
	timeZones,
}: RunnerDirectoryOptions): RunnerDirectory {
	return {
		async snapshot() {
			const entries = combined(configured, await store.directoryEntries.all());
			return snapshotOf(entries, timeZones, new Map());
		},
	};
}
