import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Problem } from '../problem.ts';

/** Called with the size of every piece that arrives; throws when there is no room for it. */
export type OnBytes = (bytes: number) => void;

/**
 * Reads a body of at most `limit` bytes. Rejects with a 413 as soon as the announced length is larger, and with a 400
 * when the body ends early.
 */
export function readBody(
	payload: Readable,
	{ headers }: Pick<IncomingMessage, 'headers'>,
	limit: number,
	onBytes: OnBytes = () => undefined,
): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		if (Number(headers['content-length']) > limit) return reject(tooLarge(limit));
		let pieces: Buffer[] = [];
		let size = 0;
		let isOver = false;
		/** The request keeps its listeners, and may live for long while the rest of a refused body comes. */
		const stop = (): Buffer[] => {
			isOver = true;
			const kept = pieces;
			pieces = [];
			return kept;
		};
		const fail = (problem?: Error): void => {
			// It closes after its end as well.
			if (isOver) return;
			stop();
			reject(problem instanceof Problem ? problem : new Problem(400, 'The body is incomplete'));
		};
		const take = (piece: Buffer): void => {
			if (isOver) return;
			size += piece.length;
			try {
				if (size > limit) throw tooLarge(limit);
				onBytes(piece.length);
			} catch (error) {
				return fail(error instanceof Error ? error : undefined);
			}
			pieces.push(piece);
		};
		const end = (): void => {
			if (isOver) return;
			const whole = stop();
			resolve(whole.length === 1 && whole[0] ? whole[0] : Buffer.concat(whole, size));
		};
		payload
			.on('data', take)
			.on('end', end)
			.on('error', fail)
			.on('close', () => fail());
	});
}

function tooLarge(limit: number): Problem {
	return new Problem(413, `The body is larger than ${limit / (1024 * 1024)} MiB`);
}
