import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import fastify from 'fastify';
import type { App } from '../../runner/http/app.ts';
import { ClientConnections } from '../../runner/http/client-connections.ts';
import { sendInChunks } from '../../runner/http/chunked-answers.ts';
import { LIMITS, SERVER_OPTIONS } from '../../runner/http/limits.ts';
import { waitUntil } from '../support/wait-until.ts';

const LARGE = 'x'.repeat(32 * 1024 * 1024);

describe('a connection', () => {
	let app: App;
	let connections: ClientConnections;
	let now: number;
	let sockets: Socket[];
	let isHeld: boolean;
	let handled: number;
	let release: (() => void)[];

	beforeEach(async () => {
		now = 0;
		sockets = [];
		handled = 0;
		isHeld = false;
		release = [];
		// Its type provider is that of zod schemas, of which there are none here.
		app = fastify(SERVER_OPTIONS) as unknown as App;
		connections = new ClientConnections(undefined, () => now);
		connections.watch(app);
		sendInChunks(app);
		app.addContentTypeParser('*', (_request, _payload, done) => done(null));
		app.get('/small', async (request) => {
			handled++;
			if (isHeld) await new Promise<void>((resolve) => release.push(resolve));
			return connections.addressOf(request);
		});
		app.post('/small', async () => {
			handled++;
			if (isHeld) await new Promise<void>((resolve) => release.push(resolve));
			return 'sent';
		});
		app.get('/large', async () => LARGE);
		app.post(
			'/refused',
			{ onRequest: async (_request, reply) => await reply.code(401).send('no') },
			async () => '',
		);
		await app.listen({ host: '127.0.0.1', port: 0 });
	});
	afterEach(async () => {
		for (const socket of sockets) socket.destroy();
		for (const go of release) go();
		await app.close();
	});

	interface Peer {
		readonly socket: Socket;
		/** Bytes that it has read. */
		text(): string;
		isClosed(): boolean;
	}
	const open = (): Peer => {
		// It listens on TCP, so not a pipe's name.
		const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
		let text = '';
		let isClosed = false;
		socket.on('error', () => undefined);
		socket.on('data', (chunk) => (text += chunk.toString()));
		socket.on('close', () => (isClosed = true));
		sockets.push(socket);
		return { socket, text: () => text, isClosed: () => isClosed };
	};
	const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
	const post = (path: string): string =>
		`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`;
	const count = (text: string, part: string): number => text.split(part).length - 1;

	it('has few requests worked on at once, and gets every answer in order', async () => {
		isHeld = true;
		const peer = open();
		peer.socket.write(post('/small').repeat(LIMITS.unanswered));
		await waitUntil('the first are worked on', () => handled === LIMITS.underWay);
		isHeld = false;
		for (const go of release) go();
		await waitUntil('all are answered', () => count(peer.text(), '200 OK') === LIMITS.unanswered);
		expect(handled).toBe(LIMITS.unanswered);
	});

	it('has its reads processed one at a time, and the sends around them before and after', async () => {
		isHeld = true;
		const peer = open();
		peer.socket.write(
			post('/small').repeat(2) + get('/small').repeat(2) + post('/small').repeat(2),
		);
		const next = async (handledThen: number): Promise<void> => {
			for (const go of release.splice(0)) go();
			await waitUntil(`${handledThen} have started`, () => handled === handledThen);
		};
		await next(2);
		await next(3);
		await next(4);
		await next(6);
		await next(6);
		await waitUntil('all are answered', () => count(peer.text(), '200 OK') === 6);
		expect(peer.text().match(/sent|127\.0\.0\.1/g)).toEqual([
			...['sent', 'sent', '127.0.0.1', '127.0.0.1', 'sent', 'sent'],
		]);
	});

	it('is closed when it leaves too many requests unanswered', async () => {
		isHeld = true;
		const peer = open();
		peer.socket.write(get('/small').repeat(LIMITS.unanswered + 1));
		await waitUntil('it is closed', peer.isClosed);
		expect(handled).toBeLessThanOrEqual(LIMITS.underWay);
	});

	it('is closed when nothing of an answer is taken for a minute, whatever it sends meanwhile', async () => {
		const peer = open();
		peer.socket.pause();
		peer.socket.write(get('/large'));
		await waitUntil('the answer is under way', () => {
			connections.check();
			return app.server.listening && peer.socket.bytesWritten > 0;
		});
		const reader = open();
		reader.socket.write(get('/large'));
		await waitUntil('another one reads', () => reader.text().length > LARGE.length);
		const server = await new Promise<number>((resolve, reject) =>
			app.server.getConnections((error, open) => (error ? reject(error) : resolve(open))),
		);
		expect(server).toBe(2);
		connections.check();
		now += LIMITS.idleTimeout - 1;
		peer.socket.write(get('/small'));
		connections.check();
		now += 1;
		connections.check();
		peer.socket.resume();
		await waitUntil('it is closed', peer.isClosed);
		expect(peer.text().length).toBeLessThan(LARGE.length);
		expect(reader.isClosed()).toBe(false);
	});

	it('gets to read why its body was refused, and is closed when it sends on and on', async () => {
		const peer = open();
		const size = LIMITS.drained * 2;
		peer.socket.write(`POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
		const piece = Buffer.alloc(1024 * 1024);
		for (let i = 0; i < 4; i++) peer.socket.write(piece);
		await waitUntil('the answer has come', () => peer.text().includes('401'));
		connections.check();
		expect(peer.isClosed()).toBe(false);
		for (let i = 4; i < 20; i++) peer.socket.write(piece);
		await waitUntil('it is closed', () => {
			connections.check();
			return peer.isClosed();
		});
	});

	it('is known by its address also after a reset', async () => {
		isHeld = true;
		const peer = open();
		const came = new Promise<Socket>((resolve) => app.server.once('connection', resolve));
		peer.socket.write(get('/small'));
		const socket = await came;
		await waitUntil('it is worked on', () => handled === 1);
		peer.socket.resetAndDestroy();
		await waitUntil('it is gone', () => socket.destroyed);
		expect(connections.addressOf({ raw: { socket } })).toBe('127.0.0.1');
	});
});
