import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { end, startServer } from './process.ts';

/** Without one more arriving for so long, what is missing is lost. */
const PATIENCE_MS = 30_000;

/** No webhook in so long means that none is on its way. */
const QUIET_MS = 300;

export interface Counts {
	readonly channel: number;
	readonly endpoint: number;
}

/** Where a contender is measured: an empty directory and fresh sinks, in a process of their own. */
export interface Scene {
	readonly dir: string;
	/** host:port */
	readonly sinks: string;
	/** The messages and the signed webhooks that have arrived. */
	counts(): Promise<Counts>;
	/** The signed webhooks that have arrived: each is the end of one notification. */
	arrived(): Promise<number>;
	allArrived(count: number): Promise<void>;
	/** Waits until no more arrive, such as those that were on their way when the load ended; resolves with all that did. */
	settled(): Promise<number>;
}

/**
 * Ends what the body started, and then the sinks, whatever happens.
 * @param sinkDelayMs time that the sinks take to answer
 */
export async function withScene<T>(
	body: (scene: Scene, started: ChildProcess[]) => Promise<T>,
	sinkDelayMs = 0,
): Promise<T> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-bench-'));
	const { port, child } = await startServer(['bench/sinks.ts', String(sinkDelayMs)]);
	const sinks = `127.0.0.1:${port}`;
	// Our own sinks' answer.
	const counts = async (): Promise<Counts> =>
		(await (await fetch(`http://${sinks}/counts`)).json()) as Counts;
	const arrived = async (): Promise<number> => (await counts()).endpoint;
	const allArrived = async (count: number): Promise<void> => {
		let [last, since] = [-1, performance.now()];
		for (;;) {
			const now = await arrived();
			if (now >= count) return;
			if (now > last) [last, since] = [now, performance.now()];
			if (performance.now() - since > PATIENCE_MS) throw new Error(`${now} of ${count} arrived`);
			await wait(20);
		}
	};
	const settled = async (): Promise<number> => {
		let last = -1;
		for (;;) {
			const now = await arrived();
			if (now === last) return now;
			last = now;
			await wait(QUIET_MS);
		}
	};
	const started: ChildProcess[] = [];
	try {
		return await body({ dir, sinks, counts, arrived, allArrived, settled }, started);
	} finally {
		// The last first: a server before the database that it talks to.
		for (const one of [...started.reverse(), child]) await end(one);
		rmSync(dir, { recursive: true });
	}
}
