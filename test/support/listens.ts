import { connect } from 'node:net';
import { waitUntil } from './wait-until.ts';

/** Resolves when a program listens on a port of this machine. */
export async function listens(port: number): Promise<void> {
	await waitUntil(`port ${port} is open`, () => {
		return new Promise<boolean>((resolve) => {
			const socket = connect(port, '127.0.0.1');
			socket.once('connect', () => {
				socket.destroy();
				resolve(true);
			});
			socket.once('error', () => resolve(false));
		});
	});
}
