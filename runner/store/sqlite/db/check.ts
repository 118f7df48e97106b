import { DatabaseSync } from 'node:sqlite';
import { newerVersion } from '../../rules/newer-schema.ts';
import { unfinished } from '../../rules/phases.ts';
import { newerSchema, schemaVersion } from './migrate.ts';
import { placeOf } from './move-rows.ts';

/** Looks at a database without changing it, also while a runner uses it. */
export function checkDatabase(file: string): { ok: boolean; found: string } {
	let db: DatabaseSync | undefined;
	try {
		db = new DatabaseSync(file, { readOnly: true });
		const newer = newerSchema(db);
		if (newer) return { ok: false, found: `was written by ${newerVersion(newer)}` };
		const [first] = db.prepare('PRAGMA integrity_check(1)').all();
		const said = String(first?.integrity_check ?? 'no answer');
		const place = placeOf(db);
		const state = `schema ${schemaVersion(db)}${place ? `, ${unfinished(place)}` : ''}`;
		return said === 'ok'
			? { ok: true, found: `is sound (${state})` }
			: { ok: false, found: `is damaged: ${said}` };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { ok: false, found: `cannot be read: ${reason}` };
	} finally {
		db?.close();
	}
}
