import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { NewRow, Row } from '../../rows/columns.ts';

/** Maps an error of SQLite to the one to throw. */
type Noticed = (error: unknown) => unknown;

/** The text of a statement with `?` for its values, or a template that has the values in their places. */
type Text = string | TemplateStringsArray;

/**
 * The database, with each statement prepared once. Methods are called with a text and its values, or as tags:
 * ``sql.run`DELETE FROM endpoints WHERE id = ${id}` ``.
 */
export class Statements {
	private readonly db: DatabaseSync;
	private readonly prepared = new Map<Text, StatementSync>();
	private readonly inserts = new Map<string, string>();
	private readonly updates = new Map<string, string>();

	private readonly noticed: Noticed;

	constructor(db: DatabaseSync, noticed: Noticed = (error) => error) {
		this.db = db;
		this.noticed = noticed;
	}

	run(sql: Text, ...values: SQLInputValue[]): { changes: number; id: number } {
		const { changes, lastInsertRowid } = this.ask(() => this.statement(sql).run(...values));
		return { changes: Number(changes), id: Number(lastInsertRowid) };
	}

	get(sql: Text, ...values: SQLInputValue[]): Row | undefined {
		return this.ask(() => this.statement(sql).get(...values));
	}

	all(sql: Text, ...values: SQLInputValue[]): readonly Row[] {
		return this.ask(() => this.statement(sql).all(...values));
	}

	/** Inserts a row; every row of a table has the same columns. `conflict` is the clause for a row that is there already. */
	insert(table: string, row: NewRow, conflict = ''): { changes: number; id: number } {
		const key = conflict === '' ? table : `${table} ${conflict}`;
		let text = this.inserts.get(key);
		if (text === undefined) {
			const columns = Object.keys(row);
			text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ${conflict}`;
			this.inserts.set(key, text);
		}
		return this.run(text, ...Object.values(row));
	}

	/** Updates a row by its id; every change of a table has the same columns. */
	update(table: string, { id, ...changes }: NewRow): void {
		let text = this.updates.get(table);
		if (text === undefined) {
			const columns = Object.keys(changes).map((column) => `${column} = ?`);
			text = `UPDATE ${table} SET ${columns.join(', ')} WHERE id = ?`;
			this.updates.set(table, text);
		}
		this.run(text, ...Object.values(changes), id ?? null);
	}

	/** Row by row; until it ends, the statement must not be run again. */
	*iterate(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
		try {
			yield* this.statement(sql).iterate(...values);
		} catch (error) {
			throw this.noticed(error);
		}
	}

	private ask<T>(question: () => T): T {
		try {
			return question();
		} catch (error) {
			throw this.noticed(error);
		}
	}

	private statement(sql: Text): StatementSync {
		const known = this.prepared.get(sql);
		if (known) return known;
		const statement = this.db.prepare(typeof sql === 'string' ? sql : sql.join('?'));
		this.prepared.set(sql, statement);
		return statement;
	}
}
