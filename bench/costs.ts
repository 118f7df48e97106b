// One notification's cost to each store: pages, bytes, tables and indexes written, statements, and the processor time of
// each phase. With BENCH_BASELINE, the directory of another clone that is built, the same of that one beside it.
import { BASELINE } from './contenders.ts';
import { COUNTING_SETTINGS, postgresCosts, serverPid } from './costs/postgres.ts';
import { PHASES } from './costs/phases.ts';
import { type ProcessorCosts, processorCosts } from './costs/processor.ts';
import { sqliteCosts } from './costs/sqlite.ts';
import { DATABASE_BYTES, type StoreCosts } from './costs/store-costs.ts';
import { type DatabaseServer, withPostgres } from './database.ts';
import { found, type GoalName } from './goals.ts';
import { CONNECTIONS } from './load.ts';
import { table } from './table.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 2_000);
const STORES = ['SQLite', 'PostgreSQL'] as const;
/** Those to measure, with commas; both without it. */
const ONLY = process.env.BENCH_ONLY?.split(',');

type Costs = StoreCosts & { readonly processor: ProcessorCosts };

const clones = [
	{ title: '', directory: '.' },
	...(BASELINE === undefined ? [] : [{ title: ', baseline', directory: BASELINE }]),
];

async function ofSqlite(clone: string): Promise<Costs> {
	const store = await sqliteCosts(clone, NOTIFICATIONS);
	return { ...store, processor: await processorCosts(clone, NOTIFICATIONS) };
}

async function ofPostgres(server: DatabaseServer, clone: string, index: number): Promise<Costs> {
	const store = await postgresCosts(server, clone, NOTIFICATIONS, `counted_${index}`);
	const profiled = await server.create(`profiled_${index}`);
	const postgres = { store: profiled, pid: await serverPid(profiled) };
	return { ...store, processor: await processorCosts(clone, NOTIFICATIONS, postgres) };
}

const columns: { title: string; costs: Costs }[] = [];
for (const store of STORES.filter((one) => ONLY?.includes(one) ?? true)) {
	const measureAll = async (measure: (clone: string, index: number) => Promise<Costs>) => {
		for (const [index, { title, directory }] of clones.entries()) {
			columns.push({ title: store + title, costs: await measure(directory, index) });
		}
	};
	if (store === 'SQLite') await measureAll(ofSqlite);
	else {
		await withPostgres(async (server) => {
			await measureAll((clone, index) => ofPostgres(server, clone, index));
		}, COUNTING_SETTINGS);
	}
}

/** Rows by their name, and a column for each store and clone. */
function print(
	title: string,
	names: Iterable<string>,
	figure: (costs: Costs, name: string) => number | undefined,
): void {
	console.log(`\n${title}`);
	const rows = [...names].map((name) => [
		name,
		...columns.map(({ costs }) => shown(figure(costs, name))),
	]);
	console.log(table([['', ...columns.map((column) => column.title)], ...rows]));
}

const shown = (figure: number | undefined): string =>
	figure === undefined ? '–' : figure.toFixed(figure < 100 ? 2 : 0);

const sum = (figures: Iterable<number>): number => [...figures].reduce((all, one) => all + one, 0);

console.log(
	`\nOne notification's cost: ${NOTIFICATIONS} over ${CONNECTIONS} connections, after as many for a warm-up`,
);

const all = columns.map(({ costs }) => costs);
/** A table or index counts when it is written for more than one notification in a hundred. */
const isWritten = (times: number): boolean => times > 0.01;
const summary: Readonly<Record<string, (costs: Costs) => number | undefined>> = {
	'tables and indexes written': ({ writes }) => [...writes.values()].filter(isWritten).length,
	'bytes written by the process, log lines included': ({ processor }) => processor.diskBytes,
	'processor time of the runner, µs': ({ processor }) => processor.runnerUs,
	'processor time of the database server, µs': ({ processor }) => processor.serverUs,
};
const measures = new Set(all.flatMap(({ perNotification }) => Object.keys(perNotification)));
print(
	'Store and process',
	[...measures, ...Object.keys(summary)],
	(costs, name) => costs.perNotification[name] ?? summary[name]?.(costs),
);
print(
	'Processor time of the runner by phase, µs: its share of the profile, where a commit includes a wait for the disk on the event loop',
	PHASES,
	({ processor: { phases, runnerUs } }, name) => {
		const phase = PHASES.find((one) => one === name);
		return phase && ((phases.get(phase) ?? 0) / sum(phases.values())) * runnerUs;
	},
);
const written = new Map<string, number>();
for (const { writes } of all) {
	for (const [name, times] of writes) written.set(name, Math.max(written.get(name) ?? 0, times));
}
print(
	'Writes to each table and index: pages in SQLite’s log, records in PostgreSQL’s',
	[...written]
		.filter(([, times]) => isWritten(times))
		.sort(([, a], [, b]) => b - a)
		.map(([name]) => name),
	({ writes }, name) => writes.get(name),
);

/** Bytes that an ended notification left in each database before the stores were made lean. */
const FIRST_MEASUREMENT: readonly { store: string; goal: GoalName; bytes: number }[] = [
	{ store: 'SQLite', goal: 'sqliteBytes', bytes: 2_437 },
	{ store: 'PostgreSQL', goal: 'postgresBytes', bytes: 3_949 },
];
for (const { store, goal, bytes } of FIRST_MEASUREMENT) {
	const now = columns.find(({ title }) => title === store)?.costs.perNotification[DATABASE_BYTES];
	if (now !== undefined) found(goal, [now / bytes]);
}
