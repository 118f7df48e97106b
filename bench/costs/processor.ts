import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { startRunner } from '../contenders.ts';
import { profileClock, readProfiles } from '../cpu-profile.ts';
import { load } from '../load.ts';
import { end } from '../process.ts';
import { withScene } from '../scene.ts';
import { Sources } from '../sources.ts';
import { familyCpuSeconds, usageOf, writtenBytes } from '../usage.ts';
import { type Phase, timeByPhase } from './phases.ts';

/** Of one notification. */
export interface ProcessorCosts {
	/** Microseconds in which a thread of the runner was busy, waits for the disk included. */
	readonly phases: ReadonlyMap<Phase, number>;
	/** Microseconds of processor time. */
	readonly runnerUs: number;
	readonly serverUs: number | undefined;
	/** Written by the runner's process, its log lines included. */
	readonly diskBytes: number;
}

/**
 * Profiles `count` notifications, after as many for a warm-up.
 * @param postgres the store's URL and the process of its server; without it, the store is SQLite
 */
export function processorCosts(
	clone: string,
	count: number,
	postgres?: { readonly store: string; readonly pid: number },
): Promise<ProcessorCosts> {
	return withScene(async (scene, started: ChildProcess[]) => {
		const profiles = join(scene.dir, 'profiles');
		const url = `http://127.0.0.1:${await startRunner(scene, started, {
			clone,
			settings: postgres ? { store: postgres.store } : {},
			nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
		})}`;
		await load(url, { count });
		await scene.allArrived(count);
		await scene.settled();
		const now = () => ({
			clock: profileClock(),
			runner: usageOf(started).cpuSeconds,
			server: postgres ? familyCpuSeconds(postgres.pid) : 0,
			written: writtenBytes(started[0]?.pid),
		});
		const before = now();
		await load(url, { count });
		await scene.allArrived(2 * count);
		const after = now();
		// The profiles are written when it ends.
		for (const one of started) await end(one);
		const window = [before.clock, after.clock] as const;
		const times = timeByPhase(readProfiles(profiles, new Sources(clone), window));
		const us = (seconds: number): number => (seconds * 1e6) / count;
		return {
			phases: new Map([...times].map(([phase, time]) => [phase, time / count])),
			runnerUs: us(after.runner - before.runner),
			serverUs: postgres && us(after.server - before.server),
			diskBytes: (after.written - before.written) / count,
		};
	});
}
