import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startRunner } from '../contenders.ts';
import { load } from '../load.ts';
import { withScene } from '../scene.ts';
import { DATABASE_BYTES, type StoreCosts } from './store-costs.ts';
import { type Frame, framesSince, readWal } from './wal.ts';

/** Counts what `count` notifications write, after as many for a warm-up. */
export function sqliteCosts(clone: string, count: number): Promise<StoreCosts> {
	return withScene(async (scene, started) => {
		const statementFiles = join(scene.dir, 'statements');
		mkdirSync(statementFiles);
		process.env.SUREPING_BENCH_STATEMENTS = statementFiles;
		const nodeOptions = ['--import', new URL('count-statements.ts', import.meta.url).href];
		const url = `http://127.0.0.1:${await startRunner(scene, started, { clone, nodeOptions })}`;
		const file = join(scene.dir, 'sureping.db');
		await load(url, { count });
		await scene.allArrived(count);
		await scene.settled();

		// SQLite starts its log from the beginning only when nobody reads what is in it.
		const keepsTheLog = new DatabaseSync(file, { readOnly: true });
		const db = new DatabaseSync(file, { readOnly: true });
		try {
			keepsTheLog.exec('BEGIN; SELECT 1 FROM sqlite_schema');
			const before = { wal: readWal(`${file}-wal`), pages: usedPages(db) };
			const statementsBefore = statementsIn(statementFiles);
			await load(url, { count });
			await scene.allArrived(2 * count);
			await scene.settled();
			const wal = readWal(`${file}-wal`);
			const frames = framesSince(before.wal, wal);
			return {
				perNotification: {
					'pages written to the log': frames.length / count,
					'bytes written to the log': (frames.length * (wal.pageBytes + 24)) / count,
					statements: (statementsIn(statementFiles) - statementsBefore) / count,
					commits: frames.filter(({ commits }) => commits).length / count,
					[DATABASE_BYTES]: ((usedPages(db) - before.pages) * wal.pageBytes) / count,
				},
				writes: new Map(
					[...writesByOwner(frames, db)].map(([name, times]) => [name, times / count]),
				),
			};
		} finally {
			keepsTheLog.close();
			db.close();
		}
	});
}

function statementsIn(directory: string): number {
	const counts = readdirSync(directory).map((name) => {
		const bytes = readFileSync(join(directory, name));
		return bytes.length === 8 ? Number(bytes.readBigUInt64LE()) : 0;
	});
	return counts.reduce((sum, one) => sum + one, 0);
}

function usedPages(db: DatabaseSync): number {
	const number = (pragma: string): number =>
		Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
	return number('page_count') - number('freelist_count');
}

/** Pages written of each table and index (sqlite.org/dbstat.html); free pages and the schema's, with the header, are neither. */
function writesByOwner(frames: readonly Frame[], db: DatabaseSync): ReadonlyMap<string, number> {
	const rows = db.prepare("SELECT pageno, name FROM dbstat WHERE name <> 'sqlite_schema'").all();
	const owners = new Map(rows.map(({ pageno, name }) => [Number(pageno), String(name)]));
	const writes = new Map<string, number>();
	for (const { page } of frames) {
		const owner = owners.get(page);
		if (owner !== undefined) writes.set(owner, (writes.get(owner) ?? 0) + 1);
	}
	return writes;
}
