// The same service with BullMQ: a queue of sends, a queue of webhooks, a worker for each. It follows BullMQ's
// documentation. Finished jobs are removed, because keeping them costs Redis memory and time.
import { createHmac } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import fastify from 'fastify';
import { request } from 'undici';

interface Send {
	message: string;
	channels: string[];
}

interface Delivered {
	event: 'notification.delivered';
	notification_id: string;
	timestamp: string;
}

const [redisPort, channelUrl = '', endpointUrl = ''] = process.argv.slice(2);
const options = {
	connection: { host: '127.0.0.1', port: Number(redisPort) },
	defaultJobOptions: {
		attempts: 5,
		backoff: { type: 'exponential', delay: 1_000 },
		removeOnComplete: true,
	},
	// As many at a time as the load has connections; its default is one.
	concurrency: 64,
};
const sends = new Queue<Send>('sends', options);
const webhooks = new Queue<Delivered>('webhooks', options);

const sender = new Worker<Send>(
	'sends',
	async (job) => {
		await post(channelUrl, JSON.stringify({ text: job.data.message }));
		await webhooks.add('delivered', {
			event: 'notification.delivered',
			notification_id: job.id ?? '',
			timestamp: new Date().toISOString(),
		});
	},
	options,
);

const pusher = new Worker<Delivered>(
	'webhooks',
	async (job) => {
		const body = JSON.stringify(job.data);
		const timestamp = String(Math.floor(Date.now() / 1000));
		const signature = createHmac('sha256', 'whsec_benchmark_secret')
			.update(`${timestamp}.${body}`)
			.digest('hex');
		const headers = { 'x-signature': `sha256=${signature}`, 'x-timestamp': timestamp };
		await post(endpointUrl, body, headers);
	},
	options,
);

for (const queue of [sends, webhooks]) queue.on('error', console.error);
for (const worker of [sender, pusher]) worker.on('error', console.error);

/** Throws unless it is answered with success, so that BullMQ tries again. */
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
app.post<{ Body: Send }>(
	'/send',
	{
		schema: {
			body: {
				type: 'object',
				required: ['message', 'channels'],
				properties: {
					message: { type: 'string' },
					channels: { type: 'array', items: { type: 'string' } },
				},
			},
		},
	},
	async (received, reply) => {
		const job = await sends.add('send', received.body);
		return reply.code(202).send({ notification_id: job.id, status: 'queued' });
	},
);
console.log(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
