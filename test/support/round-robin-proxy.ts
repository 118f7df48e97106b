import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RoundRobinProxy {
	readonly url: string;
	/** Requests that each server answered with 2xx. */
	readonly taken: ReadonlyMap<string, number>;
	/** Sends requests to these servers in turn. */
	route(servers: readonly string[]): void;
	close(): Promise<void>;
}

/** A reverse proxy in front of webhook processors, as queue mode has one. */
export async function startRoundRobinProxy(): Promise<RoundRobinProxy> {
	const taken = new Map<string, number>();
	let servers: readonly string[] = [];
	let turn = 0;
	const server = createServer((incoming, response) => {
		const target = servers[turn++ % servers.length];
		if (target === undefined) {
			response.writeHead(502).end();
			return;
		}
		const { method, headers, url = '/' } = incoming;
		const outgoing = request(new URL(url, target), { method, headers }, (answer) => {
			const { statusCode = 502 } = answer;
			if (statusCode < 300) taken.set(target, (taken.get(target) ?? 0) + 1);
			response.writeHead(statusCode, answer.headers);
			answer.pipe(response);
		});
		outgoing.on('error', () => response.writeHead(502).end());
		incoming.pipe(outgoing);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	return {
		url: `http://127.0.0.1:${port}`,
		taken,
		route: (all) => (servers = all),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
