import { reasonOf } from './reason.ts';
import { BrokenRow, StoreUnavailable } from './contract/errors.ts';

/** Does what a fault of the row or of ours can break, so that it is told from a store that does not work. */
export function orBroken<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		const isStore =
			error instanceof StoreUnavailable ||
			(error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR');
		throw isStore ? error : new BrokenRow(reasonOf(error), { cause: error });
	}
}
