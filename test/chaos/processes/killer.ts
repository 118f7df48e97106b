// Runs the runners, moves their clocks, fills their disk, kills them and starts them again, and notes all of it.
// Argument: the run's directory. Prints `calm` when it has killed often enough; once its standard input ends, it stops the
// runners in order.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '../journal.ts';
import { CRASH_POINTS, INCIDENT_POINTS, type Life, planLife } from '../lives.ts';
import { readPlan } from '../plan.ts';
import { JOURNALS, type KillerLine } from '../records.ts';
import type { LifeOrders, Order } from '../runner/orders.ts';
import { Clocks } from './clocks.ts';

const [directory = '.'] = process.argv.slice(2);
const plan = readPlan(directory);
const journal = new Journal<KillerLine>(join(directory, JOURNALS.killer));
const runnerLog = createWriteStream(join(directory, 'runner.log'), { flags: 'a' });
const clocks = new Clocks(plan.seed, plan.runners.length);
/** The disk of a database server is not ours to fill: nothing is on it but what it holds. */
const canFillDisk = plan.store.startsWith('sqlite:');

const points = plan.hasIncidents ? INCIDENT_POINTS : CRASH_POINTS;

let killsLeft = plan.kills;
let stop = (): void => undefined;
const stopped = new Promise<void>((resolve) => (stop = resolve));
process.stdin.resume().once('end', () => stop());

interface Running {
	readonly name: string;
	readonly child: ChildProcess;
	/** The signal that ended it, or undefined when it ended by itself. */
	readonly ended: Promise<{ signal: NodeJS.Signals | null; code: number | null }>;
	readonly ready: Promise<unknown>;
	order(order: Order): void;
}

function start(
	slot: number,
	number: number,
	point: Pick<LifeOrders, 'point' | 'times'> = {},
): Running {
	const name = `${slot}.${number}`;
	const orders: LifeOrders = { life: name, shiftMs: clocks.shiftOf(slot), ...point };
	journal.write({ kind: 'spawned', life: name, shiftMs: orders.shiftMs });
	const port = new URL(plan.runners[slot] ?? '').port;
	const child = spawn(process.execPath, [plan.bundle, plan.config, port, JSON.stringify(orders)], {
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	// It may be dead already.
	child.stdin.on('error', () => undefined);
	child.stderr.pipe(runnerLog, { end: false });
	const order = (what: Order): void => void child.stdin.write(`${JSON.stringify(what)}\n`);
	clocks.listen(slot, (shiftMs, move) => {
		journal.write({ kind: 'shifted', life: name, shiftMs, move });
		order({ shiftMs });
	});
	const ended = once(child, 'exit').then(([code, signal]) => {
		clocks.listen(slot, undefined);
		return { code, signal };
	});
	const ready = once(createInterface({ input: child.stdout }), 'line').then(() => {
		journal.write({ kind: 'ready', life: name });
	});
	return { name, child, ended, ready, order };
}

/** Moves the clock and fills the disk of a life as it was planned, until it ends. */
async function disturb({ name, order }: Running, { jump, diskFull }: Life): Promise<void> {
	const jumping = async (): Promise<void> => {
		if (!jump) return;
		await sleep(jump.afterMs);
		clocks.move(jump.byMs);
	};
	const filling = async (): Promise<void> => {
		if (!diskFull || !canFillDisk) return;
		for (const state of ['full', 'free'] as const) {
			await sleep(state === 'full' ? diskFull.afterMs : diskFull.forMs);
			journal.write({ kind: 'disk', life: name, state });
			order({ disk: state });
		}
	};
	await Promise.all([jumping(), filling()]);
}

/** One runner after the other in a slot, until there have been kills enough; the last one is left alive. */
async function keepRunning(slot: number): Promise<Running> {
	for (let number = 1; killsLeft > 0; number++) {
		killsLeft--;
		const life = planLife(plan.seed, slot, number, plan.runners.length, points);
		clocks.move(life.jumpBeforeMs);
		const { death, times, afterMs } = life;
		const isPoint = death !== 'at a moment' && death !== 'while starting';
		const running = start(slot, number, isPoint ? { point: death, times } : {});
		const { name, child, ended, ready } = running;

		let wasKilled = false;
		const kill = (): void => {
			wasKilled = true;
			child.kill('SIGKILL');
		};
		if (death !== 'while starting') await Promise.race([ready, ended]);
		void disturb(running, life);
		const timer = setTimeout(kill, afterMs);
		const { signal, code } = await ended;
		clearTimeout(timer);
		// A runner that comes to its point kills itself; one that never got there was killed at a moment.
		const how =
			signal !== 'SIGKILL' ? 'itself' : !wasKilled ? death : isPoint ? 'at a moment' : death;
		journal.write({ kind: 'died', life: name, how, code });
	}
	const last = start(slot, 0);
	await Promise.race([last.ready, last.ended]);
	return last;
}

const survivors = await Promise.all(plan.runners.map((_, slot) => keepRunning(slot)));
console.log('calm');
await stopped;
for (const { child, ended, name } of survivors) {
	child.kill('SIGTERM');
	const { code, signal } = await ended;
	const how = code === 0 && signal === null ? 'stopped' : 'itself';
	journal.write({ kind: 'died', life: name, how, code });
}
journal.close();
runnerLog.end();
