import type { Contact } from '@sureping/engine';
import { createDirectory, type RunnerDirectory } from '../../runner/directory/index.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import { timeZones } from '../../runner/time-zones.ts';

/** The directory of a runner whose config names these contacts. */
export function directoryOf(
	store: Pick<Store, 'directoryEntries'>,
	contacts: readonly Contact[] = [],
): RunnerDirectory {
	return createDirectory({
		configured: { contacts, onCalls: [], policies: [] },
		store,
		timeZones,
	});
}
