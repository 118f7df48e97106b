import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
	closeSync,
	constants,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_KEY, RUNNER } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const directory = mkdtempSync(join(tmpdir(), 'sureping-lines-'));
const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Streams {
	readonly out: 'pipe' | number;
	readonly err: 'pipe' | number;
}

/** A runner whose output goes where the test says; it answers on a port that its metrics file tells. */
async function startOn(port: number, streams: Streams) {
	const config = join(directory, `${port}.json`);
	writeFileSync(
		config,
		JSON.stringify({
			api_keys: [{ name: 'test', key: API_KEY, scopes: ['admin'] }],
			connections: [{ name: 'term', channel: 'console' }],
			log_level: 'trace',
		}),
	);
	const dataDir = join(directory, `data-${port}`);
	const args = ['serve', '--config', config, '--port', String(port), '--data-dir', dataDir];
	const child = spawn(process.execPath, [...RUNNER, ...args], {
		stdio: ['ignore', streams.out, streams.err],
	});
	children.push(child);
	const url = `http://127.0.0.1:${port}`;
	const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
	const call = (path: string, body?: unknown): Promise<Response> =>
		fetch(`${url}${path}`, {
			headers,
			...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(10_000),
		});
	await waitUntil('it is ready', async () => {
		const answer = await call('/readyz').catch(() => undefined);
		return answer?.status === 200;
	});
	return {
		call,
		metric: async (name: string): Promise<number> => {
			const text = await (await call('/metrics')).text();
			return Number(
				text
					.split('\n')
					.find((line) => line.startsWith(name))
					?.split(' ')
					.at(-1),
			);
		},
		stop: (): Promise<number | null> =>
			new Promise((resolve) => {
				child.once('exit', (code) => resolve(code));
				child.kill('SIGTERM');
			}),
	};
}

async function freePort(): Promise<number> {
	const { createServer } = await import('node:net');
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() =>
				typeof address === 'object' && address ? resolve(address.port) : reject(new Error('none')),
			);
		});
	});
}

describe('a runner whose output cannot be written', () => {
	const send = { message: 'x'.repeat(2_000), channels: ['console'], recipient: 'me' };

	/** A pipe that is full and that nobody reads. */
	function fullPipe(): number {
		const path = join(directory, `pipe-${Date.now()}`);
		execFileSync('mkfifo', [path]);
		const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
		try {
			for (;;) writeSync(fd, Buffer.alloc(4096, 0x0a));
		} catch {
			return fd;
		}
	}

	it.each([
		[
			'standard error on a full disk',
			'log',
			() => ({ out: 'pipe', err: openSync('/dev/full', 'w') }),
		],
		[
			'standard output on a full disk',
			'output',
			() => ({ out: openSync('/dev/full', 'w'), err: 'pipe' }),
		],
		['a log in a pipe that nobody reads', undefined, () => ({ out: 'pipe', err: fullPipe() })],
		['output in a pipe that nobody reads', undefined, () => ({ out: fullPipe(), err: 'pipe' })],
		['sockets that nobody reads', undefined, () => ({ out: 'pipe', err: 'pipe' })],
	] satisfies [string, string | undefined, () => Streams][])(
		'goes on with %s, and stops when told to',
		async (_, dropsTo, streams) => {
			const runner = await startOn(await freePort(), streams());
			const sends = Array<typeof send>(300).fill(send);
			expect((await runner.call('/send/batch', { sends })).status).toBe(200);
			await waitUntil('all are delivered', async () => {
				const delivered = 'sureping_delivery_events_total{event="notification.delivered"';
				return (await runner.metric(delivered)) === 300;
			});
			if (dropsTo) {
				const count = `sureping_lines_dropped_total{to="${dropsTo}"}`;
				await waitUntil('lines are counted', async () => (await runner.metric(count)) > 0);
			}
			expect((await runner.call('/readyz')).status).toBe(200);
			expect(await runner.stop()).toBe(0);
		},
	);

	it('says how many lines are missing, once there is room', async () => {
		const { LineWriter } = await import('../../runner/line-writer.ts');
		const file = join(directory, 'lines');
		const fd = openSync(file, 'w');
		const writer = new LineWriter(fd, (dropped, reason) => `${dropped} missing: ${reason}\n`);
		// More than may wait: nothing of it is taken.
		writer.write(`${'y'.repeat(5 * 1024 * 1024)}\n`);
		writer.write('after\n');
		await waitUntil('it is written', () => readFileSync(file, 'utf8').includes('after'));
		expect(readFileSync(file, 'utf8')).toBe('1 missing: nobody reads it\nafter\n');
		expect(writer.dropped).toBe(1);
		closeSync(fd);
	});
});
