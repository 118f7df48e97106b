import { createServer } from 'node:net';

/** A port of 127.0.0.1 that nobody had a moment ago, for programs that cannot say which one they took. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => {
				if (typeof address === 'object' && address) resolve(address.port);
				else reject(new Error('It listens on no port'));
			});
		});
	});
}
