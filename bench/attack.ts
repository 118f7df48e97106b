// The time that other clients' sends take while one client attacks the runner's HTTP API, next to the same without it.
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { CONFIG, KEY, OTHER_KEY } from '../test/attack/attacks.ts';
import { BODIES } from '../test/attack/bodies.ts';
import { bytesOf, exchange, hold, type RawRequest } from '../test/attack/raw.ts';
import { startTarget } from '../test/attack/target.ts';
import { table } from './table.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const PER_SECOND = 100;
/** Connections that an attack uses at once. */
const ATTACKERS = 8;

const authorized = [`Authorization: Bearer ${KEY}`, 'Content-Type: application/json'];

type Once = (port: number) => Promise<unknown>;

const repeated =
	(request: RawRequest): Once =>
	(port) =>
		exchange(port, request);

const posted = (path: string, name: string): Once => {
	const made = BODIES[name]?.() ?? '';
	const body = typeof made === 'string' ? Buffer.from(made) : made;
	return repeated({ method: 'POST', path, headers: authorized, body });
};

/** Leaves what it opened for a second. */
const held =
	(request: RawRequest, times: number): Once =>
	async (port) => {
		const bytes = Buffer.concat(new Array<Buffer>(times).fill(bytesOf(request)));
		const socket = hold(port, bytes);
		await wait(1_000);
		socket.destroy();
	};

const ATTACKS: Readonly<Record<string, Once | undefined>> = {
	nothing: undefined,
	'wrong keys': repeated({
		method: 'POST',
		path: '/send',
		headers: ['Authorization: Bearer sp_wrong_key_0123456789'],
		body: Buffer.alloc(1024 * 1024),
	}),
	'half a million numbers': posted('/send', 'channels that are numbers'),
	'lists in lists': posted('/send', 'nothing but ['),
	'many members': posted('/send', 'metadata of many members'),
	'batches of bad sends': posted('/send/batch', 'a batch of 1,000 bad sends'),
	'gzip of escapes at /inbound': repeated({
		method: 'POST',
		path: '/inbound/telegram/reports',
		headers: ['Content-Encoding: gzip', 'Content-Type: application/json'],
		body: gzipSync(Buffer.from(String(BODIES['letters as escapes']?.()))),
	}),
	'half-sent batches': held(
		{
			method: 'POST',
			path: '/send/batch',
			headers: authorized,
			body: Buffer.from('{'),
			length: 9e6,
		},
		1,
	),
	'pipelined and never read': held({ method: 'GET', path: '/openapi.json', keepAlive: true }, 90),
};

/** Latencies of sends with another key while `attack` goes on; milliseconds. */
async function measure(
	attack: Once | undefined,
): Promise<{ p50: number; p99: number; failed: number }> {
	const target = await startTarget({ ...CONFIG, log_level: 'debug' });
	const pool = new Pool(`http://127.0.0.1:${target.port}`, { connections: 16 });
	const latencies: number[] = [];
	let failed = 0;
	const send = async (): Promise<void> => {
		const start = performance.now();
		const { statusCode, body } = await pool.request({
			method: 'POST',
			path: '/send',
			headers: { authorization: `Bearer ${OTHER_KEY}`, 'content-type': 'application/json' },
			body: '{"message":"hello","channels":["console"]}',
		});
		await body.dump();
		if (statusCode === 202) latencies.push(performance.now() - start);
		else failed++;
	};
	try {
		for (let i = 0; i < PER_SECOND; i++) await send();
		latencies.length = 0;
		const end = performance.now() + SECONDS * 1000;
		const attackers = Array.from({ length: attack ? ATTACKERS : 0 }, async () => {
			while (performance.now() < end) await attack?.(target.port);
		});
		const sends: Promise<void>[] = [];
		while (performance.now() < end) {
			sends.push(send());
			await wait(1000 / PER_SECOND);
		}
		await Promise.all([...sends, ...attackers]);
		latencies.sort((a, b) => a - b);
		const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? NaN;
		return { p50: at(0.5), p99: at(0.99), failed };
	} finally {
		await pool.destroy();
		await target.stop();
	}
}

console.log(
	`\nAnother key's sends, ${PER_SECOND} a second for ${SECONDS} s, beside ${ATTACKERS} connections that attack; ms`,
);
const rows = [['', 'p50', 'p99', 'p99 / quiet p99', 'not accepted']];
let quiet = NaN;
for (const [name, attack] of Object.entries(ATTACKS)) {
	const { p50, p99, failed } = await measure(attack);
	if (!attack) quiet = p99;
	rows.push([name, p50.toFixed(1), p99.toFixed(1), (p99 / quiet).toFixed(1), String(failed)]);
	console.error(`measured: ${name}`);
}
console.log(table(rows));
