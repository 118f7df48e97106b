import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';

/** Looks at a database without changing it, also while a runner uses it. */
export function checkDatabase(file: string): { ok: boolean; found: string } {
	let db: DatabaseSync | undefined;
	try {
		db = new DatabaseSync(file, { readOnly: true });
		const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
		if (version > MIGRATIONS.length) {
			return { ok: false, found: `was written by a newer version (schema ${version})` };
		}
		const [first] = db.prepare('PRAGMA integrity_check(1)').all();
		const said = String(first?.integrity_check ?? 'no answer');
		return said === 'ok'
			? { ok: true, found: `is sound (schema ${version})` }
			: { ok: false, found: `is damaged: ${said}` };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { ok: false, found: `cannot be read: ${reason}` };
	} finally {
		db?.close();
	}
}
