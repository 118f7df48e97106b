// The time that a notification takes from its send to its channel while another connection of the same runner hangs with a
// backlog, next to the same without it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { KEY } from './load.ts';
import { end, median, startServer } from './process.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SENDS = Number(process.env.BENCH_SENDS ?? 1_000);
const HANGING = 2_000;
const EVERY_MS = 5;

async function measure(hangs: boolean): Promise<{ p50: number; p99: number }> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-fairness-'));
	const latencies: number[] = [];
	const sink = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			if (request.url === '/hangs') return;
			const sentAt = /"text":"(\d+)"/.exec(Buffer.concat(chunks).toString())?.[1];
			latencies.push(Date.now() - Number(sentAt));
			response.end('ok');
		});
	});
	await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
	const { port } = sink.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	const connection = (name: string) => ({
		name,
		channel: 'slack',
		webhook_url: `http://127.0.0.1:${port}/${name}`,
	});
	const config = join(dir, 'config.json');
	writeFileSync(
		config,
		JSON.stringify({
			api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
			connections: [connection('works'), connection('hangs')],
			log_level: 'fatal',
		}),
	);
	const runner = await startServer([
		...['runner/dist/sureping.js', 'serve', '--config', config, '--data-dir', dir, '--port', '0'],
	]);
	const pool = new Pool(`http://127.0.0.1:${runner.port}`, { connections: 16 });
	const send = async (name: string): Promise<void> => {
		const { body } = await pool.request({
			method: 'POST',
			path: '/send',
			headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
			body: JSON.stringify({ message: String(Date.now()), channels: [`slack:${name}`] }),
		});
		await body.dump();
	};
	try {
		for (let i = 0; hangs && i < HANGING; i += 50) {
			await Promise.all(Array.from({ length: 50 }, () => send('hangs')));
		}
		for (let i = 0; i < SENDS; i++) {
			void send('works');
			await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
		}
		while (latencies.length < SENDS) await new Promise((resolve) => setTimeout(resolve, 10));
		latencies.sort((a, b) => a - b);
		const at = (share: number): number => latencies[Math.floor(SENDS * share)] ?? 0;
		return { p50: at(0.5), p99: at(0.99) };
	} finally {
		await pool.destroy();
		// Otherwise the runner would wait for what hangs.
		sink.close();
		const interval = setInterval(() => sink.closeAllConnections(), 10);
		await end(runner.child);
		clearInterval(interval);
		rmSync(dir, { recursive: true });
	}
}

const alone: { p50: number; p99: number }[] = [];
const beside: { p50: number; p99: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
	alone.push(await measure(false));
	beside.push(await measure(true));
}
console.log(`\nFrom send to channel, ms; median of ${ROUNDS} rounds of ${SENDS} sends`);
console.log('            alone   beside one that hangs   ratio');
for (const key of ['p50', 'p99'] as const) {
	const [a, b] = [alone, beside].map((list) => median(list.map((one) => one[key])));
	console.log(
		`${key}  ${(a ?? 0).toFixed(0).padStart(11)}${(b ?? 0).toFixed(0).padStart(24)}${((b ?? 0) / (a ?? 1)).toFixed(2).padStart(8)}`,
	);
}
