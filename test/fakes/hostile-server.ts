import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Things that a server can do to its caller. */
const BEHAVIOURS = {
	/** A gigabyte, as fast as it is read. */
	flood(socket: Socket) {
		const chunk = Buffer.alloc(64 * 1024, 'x');
		const end = Date.now() + 60_000;
		socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1024 ** 3}\r\n\r\n`);
		const pour = (): void => {
			while (!socket.destroyed && Date.now() < end) {
				if (!socket.write(chunk)) return void socket.once('drain', pour);
			}
		};
		pour();
	},
	/** One byte of the answer's body now and then. */
	drip(socket: Socket) {
		socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
		every(50, socket, () => socket.write('x'));
	},
	/** Half of the answer's body, and the connection is gone. */
	cutOff(socket: Socket) {
		socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"ok":');
	},
	/** One byte of the answer's headers now and then. */
	dripHeaders(socket: Socket) {
		socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
		every(50, socket, () => socket.write('x'));
	},
	/** Headers without end. */
	headers(socket: Socket) {
		socket.write('HTTP/1.1 200 OK\r\n');
		every(1, socket, () => socket.write(`X-More: ${'x'.repeat(4096)}\r\n`));
	},
	/** Says "wait" without end (RFC 8297). */
	hints(socket: Socket) {
		every(5, socket, () => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'));
	},
	silence() {
		// It took the request, and that is all.
	},
	hangUp(socket: Socket) {
		socket.destroy();
	},
	nonsense(socket: Socket) {
		socket.end('220 mail.example.com ESMTP\r\n');
	},
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

export interface HostileServer {
	readonly url: string;
	/** Bytes that it could get rid of. */
	sent(): number;
	close(): Promise<void>;
}

export async function startHostileServer(behaviour: Behaviour): Promise<HostileServer> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.once('data', () => BEHAVIOURS[behaviour](socket));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	return {
		url: `http://127.0.0.1:${port}`,
		sent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function every(ms: number, socket: Socket, action: () => void): void {
	const timer = setInterval(action, ms);
	socket.once('close', () => clearInterval(timer));
}
