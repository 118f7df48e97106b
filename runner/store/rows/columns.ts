import { BrokenRow } from '../contract/errors.ts';
import { reasonOf } from './broken-row.ts';

/** A JSON column read back. The store wrote it, so its shape is known; `T` names it. Throws a `BrokenRow`. */
export function fromJson<T>(text: unknown): T {
	try {
		// Only this store writes these columns; checking every row again on the hot path would prove nothing.
		return JSON.parse(String(text)) as T;
	} catch (error) {
		throw new BrokenRow(reasonOf(error), { cause: error });
	}
}

/** A text column that holds one of a few words. */
export function word<T extends string>(value: unknown): T {
	// The store wrote it from a value of this type.
	return String(value) as T;
}

export const optionalNumber = (value: unknown): number | undefined =>
	value === null || value === undefined ? undefined : Number(value);

export const optionalText = (value: unknown): string | undefined =>
	value === null || value === undefined ? undefined : String(value);

export const optionalJson = (value: object | undefined): string | null =>
	value === undefined ? null : JSON.stringify(value);

export type Row = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;

/** A row to write, with the same names and values in every store. JSON is text, times are milliseconds since 1970. */
export type NewRow = Readonly<Record<string, null | number | string>>;
