import { connectionReason } from './connection-errors.ts';
import { Database } from './database.ts';
import { newerVersion } from '../../rules/newer-schema.ts';
import { unfinished } from '../../rules/phases.ts';
import { newerSchema, schemaVersion } from './migrate.ts';
import { placeOf } from './move-rows.ts';

/** Looks at a database without changing it. */
export async function checkPostgres(url: string): Promise<{ ok: boolean; found: string }> {
	const database = new Database(url, 1);
	try {
		const version = await schemaVersion(database);
		if (version === 0) return { ok: true, found: 'has no tables yet; serve makes them' };
		const newer = await newerSchema(database, version);
		if (newer) {
			const found = `is of ${newerVersion(newer)}`;
			return newer.isUsable
				? { ok: true, found: `${found}, which this one can use` }
				: { ok: false, found: `${found}, which this one cannot use: update it` };
		}
		const [row] = await database.rows(
			'SELECT count(*) AS n FROM sureping.workers WHERE lease_until > clock_timestamp()',
		);
		const place = await placeOf(database);
		const migration = place ? `, ${unfinished(place)}` : '';
		return {
			ok: true,
			found: `answers (schema ${version}, ${Number(row?.n)} workers${migration})`,
		};
	} catch (error) {
		return { ok: false, found: connectionReason(error) };
	} finally {
		await database.close();
	}
}
