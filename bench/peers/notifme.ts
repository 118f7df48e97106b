// The same service with notifme-sdk: a service that sends while the caller waits, as the library keeps
// nothing, with its own Slack channel and, for the signed webhook, a custom channel as its README shows.
import { createHmac, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import notifme from 'notifme-sdk';
import { request } from 'undici';

const [channelUrl = '', endpointUrl = ''] = process.argv.slice(2);

const sdk = new notifme.default({
	channels: {
		slack: {
			multiProviderStrategy: 'fallback',
			providers: [{ type: 'webhook', webhookUrl: channelUrl }],
		},
		webhook: {
			multiProviderStrategy: 'fallback',
			providers: [{ type: 'custom', id: 'signed-webhook', send: postSigned }],
		},
	},
});

async function postSigned(event: Record<string, string>): Promise<string> {
	const body = JSON.stringify(event);
	const timestamp = String(Math.floor(Date.now() / 1000));
	const signature = createHmac('sha256', 'whsec_benchmark_secret')
		.update(`${timestamp}.${body}`)
		.digest('hex');
	const { statusCode, body: answer } = await request(endpointUrl, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			'x-signature': `sha256=${signature}`,
			'x-timestamp': timestamp,
		},
		body,
	});
	await answer.dump();
	if (statusCode >= 300) throw new Error(`${endpointUrl} answered ${statusCode}`);
	return '';
}

async function send(channels: Record<string, Record<string, string>>): Promise<void> {
	const { status, errors } = await sdk.send(channels);
	if (status !== 'success') throw new Error(JSON.stringify(errors));
}

const app = fastify();
app.post<{ Body: { message: string } }>('/send', async (received, reply) => {
	const id = randomUUID();
	await send({ slack: { text: received.body.message } });
	await send({
		webhook: {
			event: 'notification.delivered',
			notification_id: id,
			timestamp: new Date().toISOString(),
		},
	});
	return reply.code(202).send({ notification_id: id, status: 'delivered' });
});
console.log(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
