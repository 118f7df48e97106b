import { type ChildProcess, fork } from 'node:child_process';

export interface Proxy {
	readonly port: number;
	roundTrips(): Promise<number>;
}

/** Starts a proxy before a TCP server, which adds `delayMs` to everything that goes to the server. */
export async function startProxy(
	to: number,
	delayMs: number,
	started: ChildProcess[],
): Promise<Proxy> {
	const child = fork('bench/tcp-proxy.ts', [String(to), String(delayMs)]);
	started.push(child);
	// Both messages of our own program are numbers.
	const answer = (): Promise<number> =>
		new Promise((resolve) => void child.once('message', (message) => resolve(Number(message))));
	const port = await answer();
	return {
		port,
		roundTrips: () => {
			child.send('?');
			return answer();
		},
	};
}
