import { connect, type Socket } from 'node:net';

/** An HTTP answer as it came. */
export interface RawAnswer {
	readonly status: number;
	readonly type: string;
	readonly body: string;
}

export interface RawRequest {
	readonly method: string;
	readonly path: string;
	/** Header lines besides Host, Connection and Content-Length. */
	readonly headers?: readonly string[];
	readonly host?: string;
	readonly body?: Buffer;
	/** Leaves Content-Length away, or announces another. */
	readonly length?: number;
	readonly keepAlive?: boolean;
	/** An address of this machine to come from, where it has more than one. */
	readonly from?: string | undefined;
}

export function bytesOf(request: RawRequest): Buffer {
	const { method, path, headers = [], host = '127.0.0.1', body, keepAlive } = request;
	const length = request.length ?? body?.length;
	const head = [
		`${method} ${path} HTTP/1.1`,
		`Host: ${host}`,
		...(keepAlive ? [] : ['Connection: close']),
		...headers,
		...(length === undefined ? [] : [`Content-Length: ${length}`]),
	].join('\r\n');
	return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** Opens a connection, writes, and leaves it open; what comes back is not read unless it is resumed. */
export function hold(port: number, bytes: Buffer): Socket {
	const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
	socket.on('error', () => undefined);
	socket.pause();
	return socket;
}

/** Sends one request and reads until the connection closes. Status 0: it was closed without an answer. */
export function exchange(port: number, request: RawRequest): Promise<RawAnswer> {
	return new Promise((resolve) => {
		const pieces: Buffer[] = [];
		const { from: localAddress } = request;
		const to = { port, host: '127.0.0.1', ...(localAddress === undefined ? {} : { localAddress }) };
		const socket = connect(to, () => socket.write(bytesOf(request)));
		socket.on('data', (piece) => pieces.push(piece));
		// Bytes that came before a reset count.
		socket.on('error', () => undefined);
		socket.on('close', () => resolve(parse(Buffer.concat(pieces).toString('latin1'))));
	});
}

function parse(text: string): RawAnswer {
	const end = text.indexOf('\r\n\r\n');
	const head = text.slice(0, end === -1 ? text.length : end);
	return {
		status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
		type: /^content-type: *(.*)$/im.exec(head)?.[1]?.trim() ?? '',
		body: end === -1 ? '' : text.slice(end + 4),
	};
}
