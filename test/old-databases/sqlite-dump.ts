import { DatabaseSync } from 'node:sqlite';

/** The SQL that makes a SQLite database as it is, like the shell's `.dump`. */
export function dumpSqlite(file: string): string {
	const db = new DatabaseSync(file, { readOnly: true });
	try {
		const schema = db
			.prepare(
				"SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY rowid",
			)
			.all();
		const tables = schema.filter(({ type }) => type === 'table');
		const others = schema.filter(({ type }) => type !== 'table');
		const statements = (of: typeof schema): string[] => of.map(({ sql }) => `${String(sql)};`);
		const sequences = db.prepare('SELECT name, seq FROM sqlite_sequence').all();
		return [
			...statements(tables),
			...tables.flatMap(({ name }) => rowsOf(db, String(name))),
			...sequences.map(
				({ name, seq }) =>
					`UPDATE sqlite_sequence SET seq = ${String(seq)} WHERE name = '${String(name)}';`,
			),
			...statements(others),
			`PRAGMA user_version = ${String(db.prepare('PRAGMA user_version').get()?.user_version)};`,
		].join('\n');
	} finally {
		db.close();
	}
}

function rowsOf(db: DatabaseSync, table: string): string[] {
	return db
		.prepare(`SELECT * FROM ${table}`)
		.all()
		.map((row) => {
			const names = Object.keys(row).join(', ');
			return `INSERT INTO ${table} (${names}) VALUES (${Object.values(row).map(literal).join(', ')});`;
		});
}

function literal(value: unknown): string {
	if (value === null) return 'NULL';
	return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
