// pg-boss alone: jobs added in hundreds and worked off by so many processes that do nothing: URL, jobs, processes.
import { fork } from 'node:child_process';
import { PgBoss } from 'pg-boss';

const [url = '', count = '0', processes = '1', role = 'main'] = process.argv.slice(2);
const total = Number(count);
const QUEUE = 'nothing';
const boss = new PgBoss({ connectionString: url });
boss.on('error', (error: unknown) => console.error(error));

if (role === 'worker') {
	await boss.start();
	let done = 0;
	const options = { batchSize: 50, localConcurrency: 4, burstWhenBatchFull: true };
	await boss.work(QUEUE, { ...options, pollingIntervalSeconds: 0.5 }, async (jobs) => {
		done += jobs.length;
		process.send?.({ done, at: Date.now() });
	});
	process.send?.({ done: 0, at: Date.now() });
} else {
	await boss.start();
	await boss.createQueue(QUEUE, { retryLimit: 0 });
	const start = performance.now();
	const jobs = Array.from({ length: 100 }, () => ({
		data: { id: 'dlv_01m7zha4x1aeq55yv5ay09s71g' },
	}));
	for (let i = 0; i < total; i += 100) await boss.insert(QUEUE, jobs);
	const added = total / ((performance.now() - start) / 1000);
	const seen = new Map<number, number>();
	const workers = Array.from({ length: Number(processes) }, (_, i) => {
		const child = fork('bench/boss.ts', [url, count, processes, 'worker']);
		return { child, i };
	});
	const began = Date.now();
	const ended = await new Promise<number>((resolve) => {
		for (const { child, i } of workers) {
			child.on('message', ({ done, at }: { done: number; at: number }) => {
				seen.set(i, done);
				const all = [...seen.values()].reduce((sum, one) => sum + one, 0);
				if (all >= total) resolve(at);
			});
		}
	});
	for (const { child } of workers) child.kill('SIGKILL');
	await boss.stop();
	const seconds = (ended - began) / 1000;
	console.log(
		`pg-boss doing nothing, ${processes} processes: added ${added.toFixed(0)}/s in hundreds, worked off ${(total / seconds).toFixed(0)}/s`,
	);
}
