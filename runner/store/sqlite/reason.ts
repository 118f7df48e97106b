import { BrokenRow } from '../store.ts';

/** What went wrong, in words that repeat nothing of what was being read: a parser's message quotes its text. */
export function reasonOf(error: unknown): string {
	if (error instanceof SyntaxError) return 'It is not JSON any more';
	return error instanceof Error ? error.message : String(error);
}

/** Does what a fault of the row or of ours can break, so that it is told from a store that does not work. */
export function orBroken<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		const isStore = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
		throw isStore ? error : new BrokenRow(reasonOf(error), { cause: error });
	}
}
