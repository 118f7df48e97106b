// The same service with pg-boss, as its documentation has it: a queue of sends, a queue of webhooks, workers for each that
// fetch in batches and settle each job by itself. pg-boss keeps finished jobs until it removes them, a week later.
import { createHmac } from 'node:crypto';
import fastify from 'fastify';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import { request } from 'undici';
import { z } from 'zod/v4';

const sendSchema = z.object({ message: z.string().min(1), channels: z.array(z.string()).min(1) });
type Send = z.infer<typeof sendSchema>;

interface Delivered {
	event: 'notification.delivered';
	notification_id: string;
	timestamp: string;
}

const [connectionString = '', channelUrl = '', endpointUrl = ''] = process.argv.slice(2);
/** As many jobs of each queue at a time as there are connections in the load, and more. */
const WORK = {
	batchSize: 50,
	localConcurrency: 4,
	pollingIntervalSeconds: 0.5,
	burstWhenBatchFull: true,
	perJobResults: true,
} as const;
const boss = new PgBoss({ connectionString, max: 20 });
boss.on('error', console.error);
await boss.start();
for (const queue of ['sends', 'webhooks']) {
	await boss.createQueue(queue, { retryLimit: 5, retryDelay: 1, retryBackoff: true });
}

await boss.work('sends', WORK, (jobs: Job<Send>[]) =>
	settleEach(jobs, async ({ id, data }) => {
		await post(channelUrl, JSON.stringify({ text: data.message }));
		const delivered: Delivered = {
			event: 'notification.delivered',
			notification_id: id,
			timestamp: new Date().toISOString(),
		};
		await boss.send('webhooks', delivered);
	}),
);

await boss.work('webhooks', WORK, (jobs: Job<Delivered>[]) =>
	settleEach(jobs, async ({ data }) => {
		const body = JSON.stringify(data);
		const timestamp = String(Math.floor(Date.now() / 1000));
		const signature = createHmac('sha256', 'whsec_benchmark_secret')
			.update(`${timestamp}.${body}`)
			.digest('hex');
		const headers = { 'x-signature': `sha256=${signature}`, 'x-timestamp': timestamp };
		await post(endpointUrl, body, headers);
	}),
);

/** A job that throws is tried again; the others of its batch are done. */
function settleEach<T>(jobs: Job<T>[], handle: (job: Job<T>) => Promise<void>) {
	return Promise.all(
		jobs.map(async (job): Promise<JobResult> => {
			try {
				await handle(job);
				return { id: job.id, status: 'completed' };
			} catch (error) {
				return { id: job.id, status: 'failed', output: { message: String(error) } };
			}
		}),
	);
}

/** Throws unless it is answered with success. */
async function post(url: string, body: string, headers = {}): Promise<void> {
	const { statusCode, body: answer } = await request(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body,
	});
	await answer.dump();
	if (statusCode >= 300) throw new Error(`${url} answered ${statusCode}`);
}

const app = fastify();
app.post('/send', async (received, reply) => {
	const { success, data, error } = sendSchema.safeParse(received.body);
	if (!success) return reply.code(422).send({ error: z.prettifyError(error) });
	const id = await boss.send('sends', data);
	return reply.code(202).send({ notification_id: id, status: 'queued' });
});
console.log(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
