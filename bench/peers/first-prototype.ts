// The first version of our prototype (until commit c62fe7a): each step is committed at the next turn of the event loop,
// and every POST is an undici `request`. Kept as a peer, so that figures stay comparable over time.
import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { Pool } from 'undici';
import { z } from 'zod/v4';
import { GroupCommit } from './first-prototype-commits.ts';

const [file = '', channelUrl = '', endpointUrl = ''] = process.argv.slice(2);
const db = new DatabaseSync(file);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
	CREATE TABLE jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE events (position INTEGER PRIMARY KEY, body TEXT NOT NULL, done INTEGER NOT NULL) STRICT;`);
const insertJob = db.prepare("INSERT INTO jobs VALUES (?, ?, 'queued')");
const finishJob = db.prepare("UPDATE jobs SET state = 'delivered' WHERE id = ?");
const insertEvent = db.prepare('INSERT INTO events (body, done) VALUES (?, 0)');
const finishEvent = db.prepare('UPDATE events SET done = 1 WHERE position = ?');
const commits = new GroupCommit(db);

const bodySchema = z.object({ message: z.string(), channels: z.array(z.string()) });
const key = createSecretKey(Buffer.from('whsec_benchmark_secret'));
const channel = poster(channelUrl);
const endpoint = poster(endpointUrl);

const server = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.on('end', () => {
		const body = bodySchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
		const id = randomUUID();
		void commits
			.run(() => insertJob.run(id, body.message))
			.then(() => {
				response.writeHead(202, { 'content-type': 'application/json' });
				response.end(JSON.stringify({ notification_id: id, status: 'queued' }));
				return deliver(id, body.message);
			});
	});
});
server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	if (typeof address === 'object' && address) console.log(`listening ${address.port}`);
});

async function deliver(id: string, text: string): Promise<void> {
	await channel(JSON.stringify({ text }), {});
	const now = new Date();
	const event = JSON.stringify({
		event: 'notification.delivered',
		notification_id: id,
		timestamp: now,
	});
	const position = await commits.run(() => {
		finishJob.run(id);
		return insertEvent.run(event).lastInsertRowid;
	});
	const timestamp = String(Math.floor(now.getTime() / 1000));
	const signature = createHmac('sha256', key).update(`${timestamp}.${event}`).digest('hex');
	await endpoint(event, { 'x-signature': `sha256=${signature}`, 'x-timestamp': timestamp });
	await commits.run(() => finishEvent.run(position));
}

function poster(url: string) {
	const { origin, pathname } = new URL(url);
	const pool = new Pool(origin, { connections: 64 });
	return async (body: string, headers: Record<string, string>): Promise<void> => {
		const { body: answer } = await pool.request({
			method: 'POST',
			path: pathname,
			headers: { 'content-type': 'application/json', ...headers },
			body,
		});
		await answer.dump();
	};
}
