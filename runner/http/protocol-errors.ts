import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem, PROBLEM_TYPE } from './problem.ts';

/** Errors of Node's parser and timers before there is a request; any other is a malformed request. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
	ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'The request did not arrive in time'),
	HPE_HEADER_OVERFLOW: new Problem(431, 'The headers are larger than 16 KiB'),
};
const MALFORMED = new Problem(400, 'This is not an HTTP/1.1 request');

/** Answers on the bare socket, since there is no request, and closes it. */
export function sendProtocolError(error: Error & { code?: string }, socket: Socket): void {
	if (error.code === 'ECONNRESET' || socket.destroyed) return;
	if (socket.writable) {
		const problem = (error.code && PROBLEMS[error.code]) || MALFORMED;
		const body = JSON.stringify(problem.toDocument());
		const head = [
			`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
			`Content-Type: ${PROBLEM_TYPE}`,
			`Content-Length: ${Buffer.byteLength(body)}`,
			'Connection: close',
		];
		socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
	}
	socket.destroy(error);
}
