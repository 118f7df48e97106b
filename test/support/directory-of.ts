import type { Contact } from '@sureping/engine';
import type { RunnerDirectory } from '../../runner/directory/index.ts';
import { combined, snapshotOf } from '../../runner/directory/snapshot.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import { timeZones } from '../../runner/time-zones.ts';

/** The directory of a runner whose config names these contacts, and no calendars. */
export function directoryOf(
	store: Pick<Store, 'directoryEntries'>,
	contacts: readonly Contact[] = [],
): Pick<RunnerDirectory, 'snapshot'> {
	const configured = { contacts, onCalls: [], policies: [] };
	return {
		snapshot: async () =>
			snapshotOf(combined(configured, await store.directoryEntries.all()), timeZones, new Map()),
	};
}
