import type { NewRow, Row } from '../../rows/columns.ts';
import type { Sql, Transaction, Value } from './database.ts';
import { type Table, typeOf } from './tables.ts';

/** A statement over many rows at once; `text` is given the number of its first parameter. */
export interface Write {
	readonly text: (first: number) => string;
	readonly values: readonly Value[];
}

/** Inserts rows, which all have the columns of the first one. */
export function inserted(table: Table, rows: readonly NewRow[], rest = ''): readonly Write[] {
	const [model] = rows;
	if (!model) return [];
	const columns = Object.keys(model);
	return [
		{
			text: (first) =>
				`INSERT INTO sureping.${table} (${columns.join(', ')})
				 SELECT * FROM ${unnested(table, columns, first)} ${rest}`,
			values: valuesOf(columns, rows),
		},
	];
}

/** The `owner` of a row whose claim by `$own` ends. Another process's claim may have begun meanwhile; it stays. */
export const NOT_OWN = 'nullif(t.owner, $own)';

export interface Updating {
	/** Expressions that override the values of columns. */
	readonly how?: Readonly<Record<string, string>>;
	readonly where?: string;
	/** The process whose claims end, as `$own` in `how` and `where`. */
	readonly own?: string;
}

/** Updates rows by their `id`: `t` is the row as it is, `u` the new one. */
export function updated(
	table: Table,
	rows: readonly NewRow[],
	{ how = {}, where = 'TRUE', own }: Updating = {},
): readonly Write[] {
	const [model] = rows;
	if (!model) return [];
	const columns = Object.keys(model);
	const set = { ...Object.fromEntries(columns.map((column) => [column, `u.${column}`])), ...how };
	const changes = Object.entries(set).filter(([column]) => column !== 'id');
	return [
		{
			text: (first) =>
				`UPDATE sureping.${table} t
				 SET ${changes.map(([column, value]) => `${column} = ${value}`).join(', ')}
				 FROM ${unnested(table, columns, first)} AS u (${columns.join(', ')})
				 WHERE t.id = u.id AND ${where}`.replaceAll('$own', `$${first + columns.length}`),
			values: [...valuesOf(columns, rows), ...(own === undefined ? [] : [own])],
		},
	];
}

/** The approximate size of a row in memory, in bytes: that of its texts. */
export function textBytes(row: NewRow): number {
	let bytes = 0;
	for (const column in row) {
		const value = row[column];
		if (typeof value === 'string') bytes += value.length;
	}
	return bytes;
}

/** Several writes in one statement, and so in one round trip. They must not depend on each other. */
export async function write(
	sql: Sql,
	...writes: readonly (readonly Write[])[]
): Promise<readonly Row[]> {
	const statement = together(writes.flat());
	return statement ? await sql.rows(statement.text, statement.values) : [];
}

/** As `write`, without waiting for it. */
export function writeLater(sql: Transaction, ...writes: readonly (readonly Write[])[]): void {
	const statement = together(writes.flat());
	if (statement) sql.later(statement.text, statement.values);
}

function together(
	writes: readonly Write[],
): { readonly text: string; readonly values: readonly Value[] } | undefined {
	if (writes.length === 0) return undefined;
	let first = 1;
	const texts = writes.map(({ text, values }) => {
		const done = text(first);
		first += values.length;
		return done;
	});
	const others = texts.slice(0, -1).map((text, i) => `w${i} AS (${text})`);
	const last = texts.at(-1) ?? '';
	return {
		text: others.length > 0 ? `WITH ${others.join(', ')} ${last}` : last,
		values: writes.flatMap(({ values }) => values),
	};
}

export function unnested(table: Table, columns: readonly string[], first: number): string {
	const parts = columns.map((column, i) => `$${first + i}::${typeOf(table, column)}[]`);
	return `unnest(${parts.join(', ')})`;
}

/** The arrays of `unnest`: for each column its value in every row. */
export function valuesOf<Column extends string>(
	columns: readonly Column[],
	rows: readonly Readonly<Partial<Record<Column, NewRow[string] | undefined>>>[],
): Value[] {
	return columns.map((column) => rows.map((row) => row[column] ?? null));
}

/** Runs a statement that changes or deletes rows, and returns their number. */
export async function changed(
	sql: Sql,
	text: string,
	values: readonly Value[] = [],
): Promise<number> {
	return (await sql.rows(`${text} RETURNING 1 AS one`, values)).length;
}
