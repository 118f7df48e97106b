import { connect } from 'node:net';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const MB = 1024 * 1024;

describe('a body that is refused while it is sent', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());

	const key = `Authorization: Bearer ${API_KEY}`;
	const json = 'Content-Type: application/json';
	it.each<[string, number, string, readonly string[], boolean]>([
		['too large by its length', 413, '/send', [key, json, `Content-Length: ${3 * MB}`], false],
		['too large as it turns out', 413, '/send', [key, json, 'Transfer-Encoding: chunked'], true],
		[
			'of another type',
			415,
			'/send',
			[key, 'Content-Type: text/plain', `Content-Length: ${3 * MB}`],
			false,
		],
		['without a key', 401, '/send', [json, `Content-Length: ${3 * MB}`], false],
		['for no path', 404, '/nothing', [json, `Content-Length: ${3 * MB}`], false],
	])(
		'is answered %s with %d, and the connection goes on',
		async (_name, status, path, headers, isChunked) => {
			let text = '';
			let error: Error | undefined;
			const socket = connect(Number(new URL(runner.url).port), '127.0.0.1');
			socket.on('error', (one) => (error = one));
			socket.on('data', (piece) => (text += piece.toString()));
			socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n\r\n`);
			const piece = Buffer.alloc(64 * 1024, 0x20);
			const frame = (bytes: Buffer): Buffer =>
				isChunked
					? Buffer.concat([
							Buffer.from(`${bytes.length.toString(16)}\r\n`),
							bytes,
							Buffer.from('\r\n'),
						])
					: bytes;
			for (let sent = 0; sent < 3 * MB; sent += piece.length) {
				await new Promise<void>((resolve) => socket.write(frame(piece), () => resolve()));
			}
			if (isChunked) socket.write('0\r\n\r\n');
			await waitUntil('it is answered', () => text.includes('"detail"') || error !== undefined);
			expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
			socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
			await waitUntil(
				'the next request is answered',
				() => text.includes('"ok"') || error !== undefined,
			);
			expect(error).toBeUndefined();
			socket.destroy();
		},
	);
});
