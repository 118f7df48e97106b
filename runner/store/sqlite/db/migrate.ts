import type { DatabaseSync } from 'node:sqlite';
import { VERSION } from '../../../version.ts';
import type { NewerSchema } from '../../rules/newer-schema.ts';
import { MIGRATIONS } from './migrations.ts';

/** The first step that is listed in `schema_steps`, which it makes. */
const FIRST_LISTED_STEP = 9;

/** Brings the schema up to date, each step in a transaction of its own. */
export function migrate(db: DatabaseSync, now: number): void {
	const version = schemaVersion(db);
	MIGRATIONS.slice(version).forEach((step, i) => {
		const number = version + i + 1;
		db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${number};`);
		if (number >= FIRST_LISTED_STEP) {
			const insert = 'INSERT INTO schema_steps (step, made_by, made_at) VALUES (?, ?, ?)';
			db.prepare(insert).run(number, VERSION, now);
		}
		db.exec('COMMIT');
	});
}

/** The number of steps that the database has; 0 for a new one. */
export function schemaVersion(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Undefined unless the database has steps that this version does not know. */
export function newerSchema(db: DatabaseSync): NewerSchema | undefined {
	const schema = schemaVersion(db);
	if (schema <= MIGRATIONS.length) return undefined;
	return { schema, known: MIGRATIONS.length, madeBy: madeBy(db, schema) };
}

/** A future version may keep this elsewhere: then the database does not tell. */
function madeBy(db: DatabaseSync, step: number): string | undefined {
	try {
		const row = db.prepare('SELECT made_by FROM schema_steps WHERE step = ?').get(step);
		return row === undefined ? undefined : String(row.made_by);
	} catch {
		return undefined;
	}
}
