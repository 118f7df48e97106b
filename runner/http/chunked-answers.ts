import { Readable } from 'node:stream';
import type { App } from './api.ts';

/** Bytes of an answer that are written at once. */
const PIECE = 64 * 1024;

/**
 * Writes large answers piece by piece, as the client reads them: what waits for a slow client in the process's buffers stays
 * small, and that it reads at all can be seen (`Connections`).
 */
export function sendInPieces(app: App): void {
	app.addHook('onSend', async (_request, reply, payload: unknown) => {
		const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
		if (!isWhole || payload.length <= PIECE) return payload;
		const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
		reply.header('content-length', bytes.length);
		return Readable.from(piecesOf(bytes), { objectMode: false, highWaterMark: PIECE });
	});
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
	for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
