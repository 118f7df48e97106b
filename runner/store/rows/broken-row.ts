import { BrokenRow, StoreUnavailable } from '../contract/errors.ts';

/** A row that cannot be read. */
export interface Broken {
	readonly id: string;
	readonly error: unknown;
	/** The notification of a delivery, where it is known. */
	readonly notificationId?: string;
}

/** Reads each row, and tells those that cannot be read. */
export function readEach<R extends { readonly id?: unknown }, T>(
	rows: readonly R[],
	read: (row: R) => T,
): { readonly items: readonly T[]; readonly broken: readonly Broken[] } {
	const items: T[] = [];
	const broken: Broken[] = [];
	for (const row of rows) {
		try {
			items.push(read(row));
		} catch (error) {
			broken.push({ id: String(row.id), error });
		}
	}
	return { items, broken };
}

/** The reason for an error, without quoting the text that was being read: a parser's message would. */
export function reasonOf(error: unknown): string {
	if (error instanceof SyntaxError) return 'It is not JSON any more';
	return error instanceof Error ? error.message : String(error);
}

/** Runs `work`. Throws a `BrokenRow` for any error but the store's own, such as a full disk. */
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
