import { EventEmitter } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { pino } from 'pino';
import { z } from 'zod/v4';
import { AnswerBudget } from '../../runner/http/answer-budget.ts';
import type { App } from '../../runner/http/app.ts';
import { sendInChunks } from '../../runner/http/chunked-answers.ts';
import { ClientConnections } from '../../runner/http/client-connections.ts';
import { LIMITS, SERVER_OPTIONS } from '../../runner/http/limits.ts';
import { answerWithProblems } from '../../runner/http/problem-answers.ts';
import type { ApiWith } from '../../runner/http/api.ts';
import { pageFields } from '../../runner/http/paging.ts';
import { notificationRoutes } from '../../runner/http/routes/notifications.ts';
import { leastCost } from '../support/least-cost.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Pages that fill the budget together; each is larger than what the kernel keeps for a client that does not read. */
const PAGES = 4;
const PAGE = 'x'.repeat(LIMITS.unreadPages / PAGES);

describe('pages that clients do not read', () => {
	let app: App;
	let connections: ClientConnections;
	let now: number;
	let sockets: Socket[];

	const start = async (isShared = false, waitMs?: number): Promise<void> => {
		now = 0;
		sockets = [];
		const answers = new AnswerBudget(isShared, waitMs);
		// Its type provider is that of zod schemas, of which only a query's is looked at here.
		app = fastify(SERVER_OPTIONS) as unknown as App;
		app.setValidatorCompiler(() => (value) => ({ value }));
		app.setSerializerCompiler(() => (value) => JSON.stringify(value));
		answerWithProblems(app, pino({ level: 'silent' }));
		connections = new ClientConnections(answers.mostStall, () => now);
		connections.watch(app);
		sendInChunks(app, answers.sized);
		app.addHook('onRequest', async (request) => {
			const name = String(request.headers['x-key']);
			request.apiKey = {
				...{ name, sha256: Buffer.alloc(0), scopes: [] },
				...{ webhookSecret: undefined, rateLimit: undefined, quota: undefined },
			};
		});
		answers.guard(app);
		const schema = { querystring: z.strictObject(pageFields) };
		app.get('/large', { schema }, async () => PAGE);
		app.get('/small', { schema }, async () => 'a short page');
		app.get('/healthz', async () => 'healthy');
		// Its routes need nothing else of the API here.
		const notifications = { get: async () => undefined, cancel: async () => undefined };
		const incidents = { ofNotification: async () => undefined };
		const api = { store: { notifications, incidents } } as unknown;
		notificationRoutes(app, api as ApiWith<'notifications' | 'incidents'>);
		await app.listen({ host: '127.0.0.1', port: 0 });
	};
	afterEach(async () => {
		for (const socket of sockets) socket.destroy();
		await app.close();
	});

	interface Peer {
		readonly socket: Socket;
		text(): string;
		isClosed(): boolean;
	}
	const get = (path: string, key = 'a', isSlow = false, method = 'GET'): Peer => {
		// It listens on TCP, so not a pipe's name.
		const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
		let text = '';
		let isClosed = false;
		socket.on('error', () => undefined);
		socket.on('data', (chunk) => {
			text += chunk.toString('latin1');
		});
		if (isSlow) socket.once('data', () => socket.pause());
		socket.on('close', () => (isClosed = true));
		socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Key: ${key}\r\n\r\n`);
		sockets.push(socket);
		return { socket, text: () => text, isClosed: () => isClosed };
	};
	/** Clients that read the beginning of their answers and stop there. */
	const holdPages = async (count = PAGES): Promise<Peer[]> => {
		const peers: Peer[] = [];
		for (let i = 0; i < count; i++) {
			const peer = get('/large', 'a', true);
			await waitUntil('its answer begins', () => peer.text() !== '');
			peers.push(peer);
		}
		return peers;
	};
	const isAnswered = (peer: Peer, status = '200 OK') =>
		waitUntil(`it is answered ${status}`, () => peer.text().startsWith(`HTTP/1.1 ${status}`));

	it('make another list wait, and nothing else, until one of them is read', async () => {
		await start();
		const [slow] = await holdPages();
		const list = get('/small');
		await isAnswered(get('/healthz'));
		expect(list.text()).toBe('');
		slow?.socket.resume();
		await isAnswered(list);
		await waitUntil('the slow one has it all', () => Number(slow?.text().length) > PAGE.length);
	});

	it.each([
		['GET', '/notifications/msg_1'],
		['POST', '/notifications/msg_1/cancel'],
	])('make %s %s wait, whose events may repeat megabytes', async (method, path) => {
		await start();
		const [slow] = await holdPages();
		const one = get(path, 'a', false, method);
		await isAnswered(get('/healthz'));
		expect(one.text()).toBe('');
		slow?.socket.resume();
		await isAnswered(one, '404');
	});

	it('leave room for lists of other keys', async () => {
		await start(true);
		await holdPages(PAGES / 2);
		const third = get('/small', 'a');
		await isAnswered(get('/small', 'another'));
		expect(third.text()).toBe('');
	});

	it('give way to a list that waits when their clients have read nothing for 5 s', async () => {
		await start();
		const peers = await holdPages();
		connections.check();
		now += LIMITS.idleTimeout - 1;
		connections.check();
		expect(peers.filter((peer) => peer.isClosed())).toEqual([]);
		now = 0;
		connections.check();
		const list = get('/small');
		await waitUntil('the list is answered', () => {
			now += 500;
			connections.check();
			return list.text() !== '';
		});
		expect(now).toBeGreaterThanOrEqual(LIMITS.stallTimeout);
		expect(now).toBeLessThan(LIMITS.idleTimeout);
		for (const { socket } of peers) socket.resume();
		await waitUntil('they are closed', () => peers.every((peer) => peer.isClosed()));
	});

	it('keep a list waiting for a while only: then it gets 503', async () => {
		await start(false, 20);
		await holdPages();
		const list = get('/small');
		await isAnswered(list, '503 ');
		expect(list.text()).toContain('Read those under way to their ends');
	});

	it('do not keep the place of a client that has gone', async () => {
		await start();
		const [slow] = await holdPages();
		const gone = get('/large');
		const list = get('/small');
		await isAnswered(get('/healthz'));
		gone.socket.destroy();
		slow?.socket.destroy();
		await isAnswered(list);
	});
});

describe('lists that wait for room', () => {
	type Hook = (request: object, reply: object, done: (error?: Error) => void) => void;

	/** The hook of a budget, called for requests of keys without a server. */
	const guarded = () => {
		const server = new EventEmitter();
		let hook: Hook | undefined;
		const app = { server, addHook: (_name: string, added: Hook) => (hook = added) };
		// A budget uses no more of a server than these two.
		const budget = new AnswerBudget(true);
		budget.guard(app as unknown as App);
		const routeOptions = { config: {}, schema: { querystring: z.strictObject(pageFields) } };
		const ask = async (name: string): Promise<{ raw: EventEmitter; socket: Socket }> => {
			// A budget looks only at its state and its end.
			const socket = Object.assign(new EventEmitter(), { destroyed: false }) as unknown as Socket;
			const raw = new EventEmitter();
			const request = { apiKey: { name }, routeOptions, raw: { socket } };
			await new Promise<void>((resolve, reject) => {
				hook?.(request, { raw }, (error) => (error ? reject(error) : resolve()));
			});
			return { raw, socket };
		};
		return { ask, budget };
	};

	it('of several keys take turns', async () => {
		const { ask } = guarded();
		const first = await Promise.all(['a', 'a', 'a', 'b', 'b'].map(ask));
		const admitted: string[] = [];
		const waiting = ['a', 'a', 'a', 'b', 'b', 'b'].map(async (name) => {
			const { raw } = await ask(name);
			admitted.push(name);
			return raw;
		});
		for (const { raw } of first) raw.emit('close');
		for (const one of waiting) (await one).emit('close');
		expect(admitted).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
	});

	it('find room beside an answer of another key that turned out larger than all of it', async () => {
		const { ask, budget } = guarded();
		const { socket } = await ask('a');
		budget.sized({ raw: { socket } }, 2 * LIMITS.unreadPages);
		await ask('b');
		const second = ask('a').then(() => 'admitted');
		expect(await Promise.race([second, Promise.resolve('waits')])).toBe('waits');
		budget.sized({ raw: { socket } }, 0);
		expect(await second).toBe('admitted');
	});

	it('cost little, however many there are', async () => {
		const MANY = 4_000;
		const cost = await leastCost(300, async () => {
			const { ask } = guarded();
			const asked = Array.from({ length: MANY }, () => ask('a'));
			for (const one of asked) (await one).raw.emit('close');
		});
		expect(cost).toBeLessThan(300);
	});
});
