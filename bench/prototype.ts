// The least that could do the same with the same durability, as fast as we know how: accept, commit, post to a channel,
// commit the event, post a signed webhook, commit that it is done. It hands over in memory, newest first. No retries, no
// claims, no routing, no limits: the ceiling for the runner. The last argument switches features on, with commas.
import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod/v4';
import { KEY } from './load.ts';
import { type Feature, FEATURES } from './prototype/features.ts';
import { poster } from './prototype/poster.ts';
import { type Accepted, Records } from './prototype/records.ts';

/** Notifications between channel and acknowledged webhook at a time. */
const UNDER_WAY = 128;

const [file = '', channelUrl = '', endpointUrl = '', features = ''] = process.argv.slice(2);
const has = new Set(
	features.split(',').filter((name): name is Feature => Object.hasOwn(FEATURES, name)),
);
const [checksKey, keepsAnswers] = [has.has('key'), has.has('idempotency')];
const [keepsOrder, logs] = [has.has('order'), has.has('log')];
const records = new Records(file, has);

const sendSchema = z.object({
	message: z.string().min(1).max(10_000),
	subject: z.string().max(200).optional(),
	channels: z.array(z.enum(['slack', 'telegram', 'discord', 'email'])).min(1),
	metadata: z.record(z.string(), z.unknown()).optional(),
});
const secret = createSecretKey(Buffer.from('whsec_benchmark_secret'));
const channel = poster(channelUrl);
const endpoint = poster(endpointUrl);

const digest = (key: string): string => createHash('sha256').update(key).digest('base64');
const keys = new Map([[digest(KEY), 'bench']]);

const ready: Accepted[] = [];
let underWay = 0;
let last: Accepted['position'] = 0;
const run = randomBytes(6).toString('hex');
let accepted = 0;

const server = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.on('end', () => {
		const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? '';
		void accept(request, response, text);
	});
});
server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	if (typeof address === 'object' && address) console.log(`listening ${address.port}`);
});

async function accept(
	request: IncomingMessage,
	response: ServerResponse,
	text: string,
): Promise<void> {
	const refusal = refusalOf(request, text);
	if (refusal !== undefined) {
		response.writeHead(refusal).end();
		return;
	}
	const id = run + (accepted++).toString(36);
	const key = keepsAnswers ? String(request.headers['idempotency-key']) : undefined;
	const position = await records.accept(id, text, key);
	const answer = `{"notification_id":"${id}","status":"queued"}`;
	response.writeHead(202, {
		'content-type': 'application/json',
		'content-length': answer.length,
	});
	response.end(answer);
	if (position === undefined) return;
	if (!keepsOrder) ready.push({ position, id, text });
	deliverReady();
}

function refusalOf({ url, headers }: IncomingMessage, text: string): number | undefined {
	if (url !== '/send') return 404;
	if (checksKey && !keys.has(digest(headers.authorization?.slice('Bearer '.length) ?? ''))) {
		return 401;
	}
	return sendSchema.safeParse(parsed(text)).success ? undefined : 422;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function deliverReady(): void {
	while (underWay < UNDER_WAY) {
		const next = ready.pop() ?? oldest();
		if (!next) return;
		underWay++;
		void deliver(next).finally(() => {
			underWay--;
			deliverReady();
		});
	}
}

/** The next one of the database, which fills what is ready with those after it. */
function oldest(): Accepted | undefined {
	if (!keepsOrder) return undefined;
	const pending = records.pending(last, UNDER_WAY - underWay);
	last = pending.at(-1)?.position ?? last;
	ready.push(...pending.slice(1).reverse());
	return pending[0];
}

async function deliver(one: Accepted): Promise<void> {
	// It was accepted, so it is of the schema.
	const { message } = JSON.parse(one.text) as z.infer<typeof sendSchema>;
	await channel(JSON.stringify({ text: message }));
	const now = Date.now();
	const event = JSON.stringify({
		event: 'notification.delivered',
		notification_id: one.id,
		timestamp: new Date(now).toISOString(),
		data: { channel: 'slack', attempt: 1, status: 200 },
	});
	const owed = await records.settle(one, now, event);
	if (logs) process.stderr.write(`${event}\n`);
	const timestamp = String(Math.floor(now / 1000));
	const signature = createHmac('sha256', secret).update(`${timestamp}.${event}`).digest('base64');
	await endpoint(event, {
		'webhook-id': String(owed),
		'webhook-timestamp': timestamp,
		'webhook-signature': `v1,${signature}`,
	});
	await records.acknowledged(owed);
}
