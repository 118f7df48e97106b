// Posts sends as fast as they are accepted: URL, how many, connections. Prints accepts/s and latency as JSON.
import { Pool } from 'undici';

const [url = '', count = '0', connections = '64', key = ''] = process.argv.slice(2);
const pool = new Pool(url, { connections: Number(connections) });
const body = JSON.stringify({
	message: 'Order 1042 is confirmed and on its way to you',
	channels: ['slack'],
	metadata: { order_id: 'ORD-1042' },
});
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const total = Number(count);
const latencies = new Float64Array(total);

let next = 0;
async function send(): Promise<void> {
	for (let i = next++; i < total; i = next++) {
		const start = performance.now();
		const { statusCode, body: answer } = await pool.request({
			method: 'POST',
			path: '/send',
			headers,
			body,
		});
		if (statusCode !== 202) throw new Error(`${statusCode} ${await answer.text()}`);
		await answer.dump();
		latencies[i] = performance.now() - start;
	}
}

const start = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, send));
const seconds = (performance.now() - start) / 1000;
latencies.sort();
const at = (share: number): number => latencies[Math.floor(total * share)] ?? 0;
console.log(JSON.stringify({ perSecond: total / seconds, p50: at(0.5), p99: at(0.99) }));
await pool.close();
