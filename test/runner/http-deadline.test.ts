import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { HttpRequest } from '@sureping/engine';
import { createHttpTransport, type HttpTransport } from '../../runner/transport/http/index.ts';
import { UrlGuard } from '../../runner/transport/url-guard.ts';
import { selfSigned } from '../support/self-signed.ts';

const SETTINGS = { allow_http: true, allow_hosts: [], allow_networks: ['127.0.0.0/8'] };

let server: Server;
let transport: HttpTransport;
const sockets = new Set<Socket>();

async function listen(made: Server): Promise<number> {
	server = made;
	server.on('connection', (socket: Socket) => {
		socket.on('error', () => undefined);
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port; // It listens on TCP, so not a pipe's name.
}
afterEach(async () => {
	for (const socket of sockets) socket.destroy();
	await transport.close();
	await new Promise((resolve) => server.close(resolve));
});

/** A server that does `answer` to whatever it is asked. */
const answering = (answer: (socket: Socket) => void): Promise<number> =>
	listen(createServer((socket) => socket.once('data', () => answer(socket))));

const request = (port: number, timeoutMs: number): HttpRequest => ({
	method: 'POST',
	url: `http://127.0.0.1:${port}/`,
	headers: {},
	body: '{}',
	timeoutMs,
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Keeps this process from running, as a pause of its machine does. */
function stall(ms: number): void {
	const end = performance.now() + ms;
	while (performance.now() < end);
}

describe('a deadline', () => {
	it('is not over while an answer lies in the socket, whatever this process missed', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		// The answer is written at once, and then nothing is read until long after the deadline.
		const port = await answering((socket) => {
			socket.write(OK);
			stall(3_500);
		});
		// Enough for a busy machine to send the request in.
		expect(await transport.trusted(request(port, 3_000))).toMatchObject({
			status: 200,
			body: 'ok',
		});
	});

	it('gives back the time in which this process did not run', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		const port = await answering((socket) => setTimeout(() => socket.write(OK), 400));
		const answer = transport.trusted(request(port, 1_000));
		// Nothing was sent yet when the process stopped for longer than the request may take.
		stall(1_200);
		expect(await answer).toMatchObject({ status: 200 });
	});

	it('ends all the same for a server that does not answer', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		const port = await answering(() => undefined);
		const answer = transport.trusted(request(port, 200));
		stall(500);
		expect(await answer).toEqual({ failure: 'timeout', detail: '0.2 seconds' });
	});
});

describe('interim answers', () => {
	const HINT = `HTTP/1.1 103 Early Hints\r\nLink: </${'a'.repeat(1_000)}>\r\n\r\n`;

	it('are skipped before the real one', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		const port = await answering((socket) => socket.write(HINT + HINT + OK));
		expect(await transport.trusted(request(port, 2_000))).toMatchObject({
			status: 200,
			body: 'ok',
		});
	});

	it('without end are cut off after 64 KiB', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		let sent = 0;
		const port = await answering((socket) => {
			const more = (): void => {
				if (socket.destroyed) return;
				sent += HINT.length;
				if (socket.write(HINT)) setImmediate(more);
				else socket.once('drain', more);
			};
			more();
		});
		expect(await transport.trusted(request(port, 10_000))).toEqual({
			failure: 'connection',
			detail: expect.stringContaining('64 KiB of interim answers'),
		});
		expect(sent).toBeLessThan(4 * 1024 * 1024);
	});

	it('with no body take no room from the real one', async () => {
		transport = createHttpTransport(new UrlGuard(SETTINGS));
		const body = 'b'.repeat(63 * 1024);
		const port = await answering((socket) =>
			socket.write(
				`${HINT.repeat(20)}HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
			),
		);
		expect(await transport.trusted(request(port, 5_000))).toMatchObject({ status: 200, body });
	});
});

describe('over https, as in production', () => {
	it('a name that leads elsewhere when it is called than when it was checked is not called', async () => {
		const asked: string[] = [];
		const tls = createHttps(selfSigned('hooks.test'), (_, response) => {
			asked.push('called');
			response.end('ok');
		});
		const port = await listen(tls);
		let connections = 0;
		server.on('connection', () => connections++);
		let lookups = 0;
		const guard = new UrlGuard(
			{ allow_http: false, allow_hosts: [], allow_networks: [] },
			// Public at first, then this machine.
			async () => [{ address: lookups++ === 0 ? '203.0.113.9' : '127.0.0.1', family: 4 }],
		);
		transport = createHttpTransport(guard);
		const url = `https://hooks.test:${port}/hook`;
		await guard.refuse(url);
		expect(await transport.guarded({ ...request(port, 5_000), url })).toEqual({
			failure: 'refused_url',
			detail: expect.stringContaining('hooks.test'),
		});
		expect(lookups).toBe(2);
		expect(asked).toEqual([]);
		expect(connections).toBe(0);
	});
});
