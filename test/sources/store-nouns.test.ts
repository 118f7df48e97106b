import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const STORE = join(__dirname, '..', '..', 'runner', 'store');
const CONFORMANCE = join(__dirname, '..', 'runner', 'store-conformance');

/** The files of the contract that are no subject of a store. */
const NO_NOUNS: Readonly<Record<string, string>> = {
	'index.ts': 'all subjects together',
	'errors.ts': 'the errors of all subjects',
	'pages.ts': 'the shape of every list',
};

/** A subject of the contract that no store implements, and why. */
const GIVEN: Readonly<Record<string, string>> = {
	limits: 'the runner gives them to its store, which asks them',
};

/** A file or folder that one store has and the other does not, and why. */
const OF_ONE_STORE: Readonly<Record<'sqlite' | 'postgres', Readonly<Record<string, string>>>> = {
	sqlite: {
		'db/backup.ts': 'a PostgreSQL server has its own tools for backups',
		'db/checkpoint-thread.ts': 'moving the log waits for the disk, so it has a thread',
		'db/checkpoints.ts': 'a PostgreSQL server makes its own',
		'db/open.ts': 'the file has an owner, and may be missing, foreign or newer',
		'db/read-thread.ts': 'SQLite reads synchronously, so long reads have a thread',
		'db/reader.ts': 'asks the thread; PostgreSQL reads on its pool',
		'db/room.ts': 'the disk of a database server cannot be measured from here',
		'db/soundness.ts': 'a file may be damaged or moved away under the process that has it open',
		'db/undurable.ts': 'the disk has a commit a moment after SQLite has',
		'db/wal-sync.ts': 'waits for the disk, which a PostgreSQL server does itself',
		'db/statements.ts': 'prepares statements, which the client of PostgreSQL does itself',
		'feed/times.ts': 'PostgreSQL has an index of the times of events',
		'webhooks/fresh.ts':
			'one process owns the file, so what is sent at once needs no row that others see',
		'webhooks/queues.ts': 'one process owns the file, so it knows where to look for what is due',
		'webhooks/stored.ts': 'gives rows to what has none',
		'deliveries/queues.ts': 'one process owns the file, so it knows where to look for what is due',
		'deliveries/record-cache.ts':
			'one process owns the file, so what it wrote need not be read again',
		'notifications/lists.ts': 'each filter of the list has a table to walk, not an index',
	},
	postgres: {
		'db/carried-load.ts': 'the work that a transaction claims as it makes it due',
		'db/carried-work.ts': 'claimed work that starts from memory, once it is committed',
		'db/claimed-rows.ts': 'a claim is written in the row, as other processes must see it',
		'db/connection-errors.ts': 'a connection may fail; a file does not',
		'db/database.ts': 'the pool of connections and its transactions',
		'db/due-looks.ts': 'a look for due rows is a round trip',
		'db/in-order.ts': 'answers of several connections may overtake each other',
		'db/leases.ts': 'the claims of a process that died become free when its lease ends',
		'db/list-query.ts': 'parameters have numbers, and the limit is one of them',
		'db/shared-connection-limits.ts': 'processes share the limits of connections',
		'db/shared-endpoint-limits.ts': 'processes share the limits of endpoints',
		'db/shared-limits.ts': 'the rows in which limits are shared',
		'db/tables.ts': 'batches of rows are written as arrays, which need the types of columns',
		'db/url.ts': 'tells a PostgreSQL URL from a path',
		'db/wakeups.ts': 'processes wake each other',
		'db/work-signals.ts': 'finds what another process made due',
		'db/write-rows.ts': 'a statement writes many rows of several tables',
		'feed/lock.ts': 'writers of several processes take the feed one after the other',
		'sends/commits.ts': 'transactions that write to the feed would wait for each other',
		'notifications/changes.ts': 'applies a group of updates to rows that it locked together',
		'webhooks/reviews.ts': 'after a lost answer to a commit, finds what was stored',
	},
};

/** All files and folders below a folder, by their paths in it. */
const entriesOf = (folder: string): readonly string[] =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) =>
		path.replaceAll('\\', '/'),
	);

/** The first part of each path, without its ending. */
const namesOf = (entries: readonly string[]): ReadonlySet<string> =>
	new Set(entries.map((path) => path.replace(/[./].*$/, '')));

const nouns = entriesOf(join(STORE, 'contract'))
	.filter((file) => !(file in NO_NOUNS))
	.map((file) => file.replace(/\.ts$/, ''));

it('the contract has every subject that a store is about', () => {
	expect([...nouns].sort()).toEqual([
		'dead-letters',
		'deliveries',
		'directory-entries',
		'endpoints',
		'feed',
		'incidents',
		'leases',
		'limits',
		'notifications',
		'replays',
		'reports',
		'secrets',
		'sends',
		'upkeep',
		'webhooks',
	]);
});

describe.each(['sqlite', 'postgres'] as const)('the %s store', (name) => {
	const entries = entriesOf(join(STORE, name));
	const other = entriesOf(join(STORE, name === 'sqlite' ? 'postgres' : 'sqlite'));

	it('has each subject of the contract under its name, and no other', () => {
		const own = [...namesOf(entries)].filter((one) => !['index', 'scope', 'db'].includes(one));
		expect(own.sort()).toEqual(nouns.filter((noun) => !(noun in GIVEN)).sort());
	});

	it('has the files of the other, but for those that have a reason', () => {
		const alone = entries.filter((path) => !other.includes(path));
		expect(alone.sort()).toEqual(Object.keys(OF_ONE_STORE[name]).sort());
	});
});

it('the conformance suite has tests of each subject', () => {
	const names = namesOf(entriesOf(CONFORMANCE));
	expect(nouns.filter((noun) => !names.has(noun))).toEqual([]);
});
