import { createServer, type AddressInfo } from 'node:net';

/** The preferred port of 127.0.0.1 if it is free, else one that the system picks. */
export async function freePort(preferred = 0): Promise<number> {
	return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred;
}

function tryPort(port: number): Promise<number | undefined> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(undefined));
		server.listen(port, '127.0.0.1', () => {
			// An AddressInfo, as this listens on TCP.
			const chosen = (server.address() as AddressInfo).port;
			server.close(() => resolve(chosen));
		});
	});
}
