import type { HttpReply, HttpRequest, TransportFailure } from '@sureping/engine';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { Deadline } from '../deadline.ts';
import { failureOf } from './failure.ts';
import { MOST_BODY_BYTES } from './limits.ts';

/**
 * A request on its way, and its answer. undici's `request` would make a stream of the body and a signal of the deadline, which
 * costs as much as the exchange itself (docs/design/performance.md).
 */
export class Exchange implements Dispatcher.DispatchHandler {
	private readonly timeoutMs: number;
	private readonly mostBodyBytes: number;
	private readonly deadline: Deadline;
	private readonly signal: AbortSignal | undefined;
	private readonly giveUp = (): void => this.abandon(this.answered() ?? this.timeout());
	private resolve: ((result: HttpReply | TransportFailure) => void) | undefined;
	private controller: Dispatcher.DispatchController | undefined;
	private status = 0;
	private headers: IncomingHttpHeaders = {};
	private readonly chunks: Buffer[] = [];
	/** Bytes of the body, and of interim answers before it. */
	private size = 0;

	constructor(
		{
			timeoutMs,
			signal,
			maxBodyBytes = MOST_BODY_BYTES,
		}: Pick<HttpRequest, 'timeoutMs' | 'signal' | 'maxBodyBytes'>,
		resolve: (result: HttpReply | TransportFailure) => void,
	) {
		this.timeoutMs = timeoutMs;
		this.mostBodyBytes = maxBodyBytes;
		this.resolve = resolve;
		this.signal = signal;
		this.deadline = new Deadline(timeoutMs, () => this.giveUp());
		signal?.addEventListener('abort', this.giveUp);
		if (signal?.aborted) this.giveUp();
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.controller = controller;
		// The deadline passed while the request waited for a connection.
		if (!this.resolve) controller.abort(new Abandoned());
	}

	onResponseStart(
		_: Dispatcher.DispatchController,
		status: number,
		headers: IncomingHttpHeaders,
	): void {
		// After an interim answer (RFC 9110 §15.2) the final one comes, and replaces it.
		this.status = status;
		this.headers = headers;
		if (status >= 200) {
			this.size = 0;
			return;
		}
		this.size += sizeOf(headers);
		// Interim answers say nothing about the request, and a server may send any number.
		if (this.size >= MOST_BODY_BYTES) this.abandon(TOO_MANY_INTERIM);
	}

	onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
		this.chunks.push(chunk);
		this.size += chunk.length;
		// The rest is left unread and its connection closed.
		if (this.size >= this.mostBodyBytes) this.abandon(this.reply());
	}

	onResponseEnd(): void {
		this.end(this.reply());
	}

	onResponseError(_: Dispatcher.DispatchController, error: Error): void {
		this.end(this.answered() ?? failureOf(error));
	}

	/**
	 * The answer as far as it has arrived; undefined before its status. A body that is cut off or never ends changes nothing:
	 * after a 2xx the request was accepted, and sending it again would repeat it.
	 */
	private answered(): HttpReply | undefined {
		return this.status >= 200 ? this.reply() : undefined;
	}

	private reply(): HttpReply {
		const { status, headers, chunks } = this;
		const [only] = chunks;
		const whole = chunks.length === 1 && only ? only : Buffer.concat(chunks);
		const body = whole.toString('utf8', 0, this.mostBodyBytes);
		return { status, headers: flatten(headers), body };
	}

	private timeout(): TransportFailure {
		return { failure: 'timeout', detail: `${this.timeoutMs / 1000} seconds` };
	}

	private abandon(result: HttpReply | TransportFailure): void {
		this.end(result);
		this.controller?.abort(new Abandoned());
	}

	private end(result: HttpReply | TransportFailure): void {
		this.deadline.clear();
		this.signal?.removeEventListener('abort', this.giveUp);
		this.resolve?.(result);
		this.resolve = undefined;
	}
}

const TOO_MANY_INTERIM: TransportFailure = {
	failure: 'connection',
	detail: `it sent more than ${MOST_BODY_BYTES / 1024} KiB of interim answers (1xx) and no final one`,
};

/** Approximate bytes of an answer's head, as HTTP/1.1 writes it with its status line. */
function sizeOf(headers: IncomingHttpHeaders): number {
	const lines = Object.entries(headers).flatMap(([name, value = '']) =>
		[value].flat().map((one) => name.length + one.length + ': \r\n'.length),
	);
	return lines.reduce((sum, length) => sum + length, 'HTTP/1.1 103 \r\n\r\n'.length);
}

/** Aborts an exchange whose result is known. */
class Abandoned extends Error {
	override readonly name = 'Abandoned';
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const name of Object.keys(headers)) {
		const value = headers[name];
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
	}
	return flat;
}
