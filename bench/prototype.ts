// The least that could do the same with the same durability, as fast as we know how: accept, commit, post to a channel,
// commit the event, post a signed webhook, commit that it is done. It hands over in memory, newest first. No keys, no
// retries, no idempotency, no claims, no routing, no limits: the ceiling for the runner.
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod/v4';
import { Commits } from './prototype/commits.ts';
import { poster } from './prototype/poster.ts';

/** Notifications between channel and acknowledged webhook at a time. */
const UNDER_WAY = 128;

const [file = '', channelUrl = '', endpointUrl = ''] = process.argv.slice(2);
const db = new DatabaseSync(file);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
	CREATE TABLE notifications (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
		done INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
	CREATE TABLE events (position INTEGER PRIMARY KEY, body TEXT NOT NULL, owed INTEGER NOT NULL) STRICT;
	CREATE INDEX events_owed ON events (position) WHERE owed = 1;`);
const insertNotification = db.prepare('INSERT INTO notifications VALUES (NULL, ?, ?, 0, ?)');
const endNotification = db.prepare('UPDATE notifications SET done = 1 WHERE position = ?');
const insertEvent = db.prepare('INSERT INTO events VALUES (NULL, ?, 1)');
const endEvent = db.prepare('UPDATE events SET owed = 0 WHERE position = ?');
const commits = new Commits(db);

const sendSchema = z.object({
	message: z.string().min(1).max(10_000),
	subject: z.string().max(200).optional(),
	channels: z.array(z.enum(['slack', 'telegram', 'discord', 'email'])).min(1),
	metadata: z.record(z.string(), z.unknown()).optional(),
});
const key = createSecretKey(Buffer.from('whsec_benchmark_secret'));
const channel = poster(channelUrl);
const endpoint = poster(endpointUrl);

interface Accepted {
	readonly id: string;
	readonly position: number | bigint;
	readonly message: string;
}

const ready: Accepted[] = [];
let underWay = 0;
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
	const send = request.url === '/send' ? sendSchema.safeParse(parsed(text)) : undefined;
	if (!send?.success) {
		response.writeHead(send ? 422 : 404).end();
		return;
	}
	const id = run + (accepted++).toString(36);
	const position = await commits.now(
		() => insertNotification.run(id, Date.now(), text).lastInsertRowid,
	);
	const answer = `{"notification_id":"${id}","status":"queued"}`;
	response.writeHead(202, {
		'content-type': 'application/json',
		'content-length': answer.length,
	});
	response.end(answer);
	ready.push({ id, position, message: send.data.message });
	deliverReady();
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
		const next = ready.pop();
		if (!next) return;
		underWay++;
		void deliver(next).finally(() => {
			underWay--;
			deliverReady();
		});
	}
}

async function deliver({ id, position, message }: Accepted): Promise<void> {
	await channel(JSON.stringify({ text: message }));
	const now = Date.now();
	const event = JSON.stringify({
		event: 'notification.delivered',
		notification_id: id,
		timestamp: new Date(now).toISOString(),
		data: { channel: 'slack', attempt: 1, status: 200 },
	});
	const owed = await commits.soon(() => {
		endNotification.run(position);
		return insertEvent.run(event).lastInsertRowid;
	});
	const timestamp = String(Math.floor(now / 1000));
	const signature = createHmac('sha256', key).update(`${timestamp}.${event}`).digest('base64');
	await endpoint(event, {
		'webhook-id': String(owed),
		'webhook-timestamp': timestamp,
		'webhook-signature': `v1,${signature}`,
	});
	await commits.soon(() => endEvent.run(owed));
}
