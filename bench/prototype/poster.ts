import { type Dispatcher, Pool } from 'undici';

/** As many connections as keep one process busy. */
const CONNECTIONS = 32;

export type Post = (body: string, headers?: Record<string, string>) => Promise<void>;

/** Posts JSON with undici's bare dispatch, which makes no stream and no signal for an answer that is not read. */
export function poster(url: string): Post {
	const { origin, pathname } = new URL(url);
	const pool = new Pool(origin, { connections: CONNECTIONS });
	return (body, more) =>
		new Promise((resolve, reject) => {
			const headers = { 'content-type': 'application/json', ...more };
			pool.dispatch(
				{ path: pathname, method: 'POST', headers, body },
				new Outcome(resolve, reject),
			);
		});
}

/** One class for all requests, so that V8 sees one shape. */
class Outcome implements Dispatcher.DispatchHandler {
	private readonly resolve: () => void;
	private readonly reject: (error: Error) => void;
	private status = 0;

	constructor(resolve: () => void, reject: (error: Error) => void) {
		this.resolve = resolve;
		this.reject = reject;
	}

	onRequestStart(): void {
		// The answer is never aborted.
	}

	onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
		this.status = status;
	}

	onResponseData(): void {
		// Only the status counts.
	}

	onResponseEnd(): void {
		if (this.status < 300) this.resolve();
		else this.reject(new Error(`Answered ${this.status}`));
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		this.reject(error);
	}
}
