import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { runWrk, wrkIsThere } from './wrk.ts';

export const KEY = 'sp_benchmark_key_0123456789';
export const CONNECTIONS = 64;
/** Seconds of a load. */
export const BENCH_SECONDS = Number(process.env.BENCH_SECONDS ?? 4);

export const LOAD_GENERATOR = wrkIsThere
	? 'wrk'
	: 'Node, as wrk is not there (apt-get install wrk)';

/** As many as are accepted, so many or for so long; or so many per second, whatever the answers take. */
export type Plan =
	{ readonly count: number } | { readonly seconds: number; readonly perSecond?: number };

export interface Loaded {
	readonly accepted: number;
	/** Answers that asked to come back later (429, 503). `load` repeats them and keeps them out of the latencies. */
	readonly refused: number;
	readonly perSecond: number;
	/** Milliseconds. At a given rate they count from when a send was due, not from when a connection was free. */
	readonly p50: number;
	readonly p99: number;
}

const body = JSON.stringify({
	message: 'Order 1042 is confirmed and on its way to you',
	channels: ['slack'],
	metadata: { order_id: 'ORD-1042' },
});
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };

export interface SendOptions {
	/** Each send has an Idempotency-Key of its own. */
	readonly hasKeys?: boolean;
}

const IDEMPOTENCY_KEY = 'idempotency-key';

/** As many sends as are accepted in `seconds`, by the fastest load generator that is installed. */
export async function saturate(
	url: string,
	seconds: number,
	options: SendOptions = {},
): Promise<Loaded> {
	if (!wrkIsThere) return await load(url, { seconds }, options);
	const connections = CONNECTIONS;
	const result = await runWrk(`${url}/send`, {
		...{ seconds, connections, headers, body },
		counted: options.hasKeys ? IDEMPOTENCY_KEY : undefined,
	});
	return { ...result, perSecond: result.accepted / seconds };
}

/**
 * Posts sends and resolves when the last is accepted.
 * @param options `accepted` is called for each one
 */
export async function load(
	url: string,
	plan: Plan,
	{
		accepted = () => undefined,
		connections = CONNECTIONS,
		hasKeys = false,
	}: SendOptions & { readonly accepted?: () => void; readonly connections?: number } = {},
): Promise<Loaded> {
	const pool = new Pool(url, { connections });
	const latencies: number[] = [];
	let refused = 0;

	async function send(due: number): Promise<void> {
		const {
			statusCode,
			headers: fields,
			body: answer,
		} = await pool.request({
			method: 'POST',
			path: '/send',
			headers: hasKeys ? { ...headers, [IDEMPOTENCY_KEY]: randomUUID() } : headers,
			body,
		});
		if (statusCode === 429 || statusCode === 503) {
			refused++;
			await answer.dump();
			await wait(Number(fields['retry-after'] ?? 1) * 1000);
			return send(performance.now());
		}
		if (statusCode !== 202) throw new Error(`${statusCode} ${await answer.text()}`);
		await answer.dump();
		latencies.push(performance.now() - due);
		accepted();
	}

	const start = performance.now();
	if ('seconds' in plan && plan.perSecond) await atRate(plan.perSecond, plan.seconds, send);
	else await asAccepted(plan, connections, send);
	const seconds = (performance.now() - start) / 1000;
	await pool.close();

	const sorted = Float64Array.from(latencies).sort();
	const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
	const perSecond = sorted.length / seconds;
	return { accepted: sorted.length, refused, perSecond, p50: at(0.5), p99: at(0.99) };
}

/** Each connection sends its next when its last is answered. */
async function asAccepted(
	plan: Plan,
	connections: number,
	send: (due: number) => Promise<void>,
): Promise<void> {
	const until = 'seconds' in plan ? performance.now() + plan.seconds * 1000 : Infinity;
	const count = 'count' in plan ? plan.count : Infinity;
	let begun = 0;
	const connection = async (): Promise<void> => {
		while (begun < count && performance.now() < until) {
			begun++;
			await send(performance.now());
		}
	};
	await Promise.all(Array.from({ length: connections }, connection));
}

async function atRate(
	perSecond: number,
	seconds: number,
	send: (due: number) => Promise<void>,
): Promise<void> {
	const start = performance.now();
	const count = Math.round(perSecond * seconds);
	const sends: Promise<void>[] = [];
	while (sends.length < count) {
		const due = start + (sends.length * 1000) / perSecond;
		if (due <= performance.now()) sends.push(send(due));
		else await wait(1);
	}
	await Promise.all(sends);
}
