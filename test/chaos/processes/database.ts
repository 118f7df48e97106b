// A PostgreSQL of the run's own, stopped and started again while the load goes on, and notes it.
// Arguments: the run's directory, the seed, how often runners are killed and how often the server is stopped: the stops are
// spread over the kills. Prints its URL, and `calm` when it was stopped often enough.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../../scripts/n8n/postgres.ts';
import { Journal, readJournal } from '../journal.ts';
import { type DatabaseLine, JOURNALS, type KillerLine } from '../records.ts';
import { planStop } from '../stops.ts';

const [directory = '.', seed = '', kills = '0', stops = '0'] = process.argv.slice(2);
const journal = new Journal<DatabaseLine>(join(directory, JOURNALS.database));
const home = join(directory, 'postgres');

const LOOK_MS = 50;

let server = await startPostgres(home);
const { host, port, user, password, database } = server.connection;
// If it is just starting again, it ends as we do.
process.stdin.resume().once('end', () => void server.stop().finally(() => process.exit()));
console.log(`postgres://${user}:${password}@${host}:${port}/${database}`);

const killsSoFar = (): number =>
	readJournal<KillerLine>(join(directory, JOURNALS.killer)).filter(({ kind }) => kind === 'died')
		.length;

for (let number = 1; number <= Number(stops); number++) {
	const { how, afterMs, forMs } = planStop(seed, number);
	while (killsSoFar() < ((number - 0.5) * Number(kills)) / Number(stops)) await sleep(LOOK_MS);
	await sleep(afterMs);
	journal.write({ kind: 'stopping', how });
	await (how === 'crash' ? server.crash() : server.stop());
	journal.write({ kind: 'stopped' });
	await sleep(forMs);
	server = await startPostgres(home, { port });
	journal.write({ kind: 'started' });
}
console.log('calm');
