// The cost of a notification with 1 k, 100 k and 1 M others waiting: how fast those that are due are worked off, and how fast
// more are accepted, with how much memory; and how long a runner takes to start on such a backlog.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accept, createIds, openConnection, planSend } from '@sureping/engine';
import { SqliteStore } from '../runner/store/sqlite/index.ts';
import { found } from './goals.ts';
import { KEY, load } from './load.ts';
import { end, median, startServer } from './process.ts';
import { table } from './table.ts';
import { usageOf } from './usage.ts';

const BACKLOGS = (process.env.BENCH_BACKLOGS ?? '1000,100000,1000000').split(',').map(Number);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SENDS = Number(process.env.BENCH_SENDS ?? 5_000);

interface Figures {
	startS: number;
	accepts: number;
	p99: number;
	delivered: number;
	/** Processor time of the runner for a notification accepted and one delivered, in microseconds. */
	cpuUs: number;
	peakMb: number;
}

/** Writes a backlog as the runner itself would: half of it due, half of it planned for later. */
async function fill(file: string, count: number): Promise<void> {
	const newId = createIds(Date.now);
	const store = new SqliteStore(file, { newId, now: Date.now });
	const settings = { webhook_url: 'http://127.0.0.1:9/channel' };
	const opened = openConnection('slack', 's', settings);
	if (!opened.ok) throw new Error('A webhook needs no more');
	const policy = { delaysMs: [15_000, 60_000, 300_000], jitter: 0.1, timeoutMs: 10_000 };
	const catalog = [{ channel: 'slack', name: 's', connection: opened.connection, policy }];
	const later = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString();
	const message = 'Order 1042 is confirmed and on its way to you';
	const metadata = { order_id: 'ORD-1042' };
	for (let done = 0; done < count; done += 500) {
		const group = Array.from({ length: Math.min(500, count - done) }, (_, i) => {
			const request = { message, metadata, channels: ['slack'] };
			const planned = planSend(
				i % 2 ? { ...request, send_at: later } : request,
				catalog,
				Date.now(),
			);
			if (!planned.ok) throw new Error('It can be planned');
			const transition = accept(planned.plan, Date.now(), newId);
			const answer = {
				notification_id: transition.notification.id,
				status: 'queued' as const,
				deliveries: [],
			};
			return store.sends.accept({ transition, apiKey: 'bench', answer });
		});
		await Promise.all(group);
	}
	await store.close();
}

/** @param filled a database with the backlog, which is copied */
async function measure(backlog: number, filled: string): Promise<Figures> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-backlog-'));
	const sinks = await startServer(['bench/sinks.ts']);
	const sink = `http://127.0.0.1:${sinks.port}`;
	try {
		cpSync(filled, join(dir, 'sureping.db'));
		const config = join(dir, 'config.json');
		writeFileSync(
			config,
			JSON.stringify({
				api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
				connections: [{ name: 's', channel: 'slack', webhook_url: `${sink}/channel` }],
			}),
		);
		const begun = performance.now();
		const server = await startServer(
			['runner/dist/sureping.js', 'serve', '--config', config, '--data-dir', dir, '--port', '0'],
			join(dir, 'runner.log'),
		);
		const startS = (performance.now() - begun) / 1000;
		try {
			const url = `http://127.0.0.1:${server.port}`;
			const from = performance.now();
			const cpuBefore = usageOf([server.child]).cpuSeconds;
			const before = await arrived(sink);
			const { perSecond, p99 } = await load(url, { count: SENDS });
			// Until as many have been delivered as were sent, whichever they are.
			while ((await arrived(sink)) - before < SENDS && backlog >= 2 * SENDS) await pause(10);
			while ((await arrived(sink)) < SENDS + backlog / 2 && backlog < 2 * SENDS) await pause(10);
			const delivered = (await arrived(sink)) - before;
			const seconds = (performance.now() - from) / 1000;
			const { cpuSeconds, peakMb } = usageOf([server.child]);
			const cpuUs = ((cpuSeconds - cpuBefore) * 1e6) / ((SENDS + delivered) / 2);
			return { startS, accepts: perSecond, p99, delivered: delivered / seconds, cpuUs, peakMb };
		} finally {
			await end(server.child);
		}
	} finally {
		await end(sinks.child);
		rmSync(dir, { recursive: true });
	}
}

async function arrived(sink: string): Promise<number> {
	// Our own sinks' answer.
	return ((await (await fetch(`${sink}/counts`)).json()) as { channel: number }).channel;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const results = new Map(BACKLOGS.map((backlog): [number, Figures[]] => [backlog, []]));
const databases = mkdtempSync(join(tmpdir(), 'sureping-backlogs-'));
try {
	const file = (backlog: number): string => join(databases, `${backlog}.db`);
	for (const backlog of BACKLOGS) await fill(file(backlog), backlog);
	for (let round = 0; round < ROUNDS; round++) {
		for (const [backlog, figures] of results) figures.push(await measure(backlog, file(backlog)));
	}
} finally {
	rmSync(databases, { recursive: true });
}
console.log(
	`\n${SENDS} more sends on top of a backlog, half of it due; median of ${ROUNDS} rounds`,
);
const COLUMNS: readonly { title: string; key: keyof Figures; digits: number }[] = [
	{ title: 'start, s', key: 'startS', digits: 2 },
	{ title: 'accepts/s', key: 'accepts', digits: 0 },
	{ title: 'p99, ms', key: 'p99', digits: 1 },
	{ title: 'delivered/s', key: 'delivered', digits: 0 },
	{ title: 'CPU, µs', key: 'cpuUs', digits: 0 },
	{ title: 'peak, MB', key: 'peakMb', digits: 0 },
];
const rows = [...results].map(([backlog, figures]) => [
	String(backlog),
	...COLUMNS.map(({ key, digits }) => median(figures.map((one) => one[key])).toFixed(digits)),
]);
console.log(table([['waiting', ...COLUMNS.map(({ title }) => title)], ...rows]));

const [few = [], many = []] = [results.get(1_000), results.get(1_000_000)];
found(
	'backlog',
	many.flatMap(({ cpuUs }, round) => (few[round] ? [cpuUs / few[round].cpuUs] : [])),
);
found(
	'backlogMemory',
	many.map(({ peakMb }) => peakMb),
);
