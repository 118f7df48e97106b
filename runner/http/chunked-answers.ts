import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';

/** Bytes of an answer that are written at once. */
const CHUNK = 64 * 1024;

/**
 * Writes large answers in chunks, as the client reads them. So the buffers for a slow client stay small, and
 * `ClientConnections` can see whether it reads at all. `sized` is told the length of each answer.
 */
export function sendInChunks(
	app: App,
	sized: (request: FastifyRequest, length: number) => void = () => undefined,
): void {
	app.addHook('onSend', (request, reply, payload: unknown, done) => {
		const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
		if (!isWhole) return done(null, payload);
		if (payload.length <= CHUNK) {
			sized(request, payload.length);
			return done(null, payload);
		}
		const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
		sized(request, bytes.length);
		reply.header('content-length', bytes.length);
		done(null, Readable.from(chunksOf(bytes), { objectMode: false, highWaterMark: CHUNK }));
	});
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
	for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
