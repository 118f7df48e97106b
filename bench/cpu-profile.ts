import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { Sources } from './sources.ts';

// https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
const profileSchema = z.object({
	startTime: z.number(),
	nodes: z.array(
		z.object({
			id: z.number(),
			callFrame: z.object({
				functionName: z.string(),
				url: z.string(),
				lineNumber: z.number(),
				columnNumber: z.number(),
			}),
			children: z.array(z.number()).optional(),
		}),
	),
	samples: z.array(z.number()),
	timeDeltas: z.array(z.number()),
});

export interface Frame {
	/** V8's name, such as `(garbage collector)` where there is no function. */
	readonly name: string;
	/** A path in the clone, a package, Node's module, or empty for V8's own. */
	readonly source: string;
	readonly line?: number;
}

export interface Sample {
	/** Microseconds. */
	readonly time: number;
	/** The innermost first. */
	readonly stack: readonly Frame[];
}

/** Microseconds of the clock that V8 stamps samples with, which is the machine's monotonic one. */
export const profileClock = (): number => Number(process.hrtime.bigint() / 1000n);

/**
 * The samples of all threads in a directory of `--cpu-prof`, without those of idle threads.
 * @param window only those between two times of `profileClock`
 */
export function* readProfiles(
	directory: string,
	sources: Sources,
	window: readonly [number, number] = [0, Infinity],
): Generator<Sample> {
	for (const file of globSync(join(directory, '*.cpuprofile'))) {
		const profile = profileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
		const stacks = stacksOf(profile, sources);
		let at = profile.startTime;
		for (const [index, id] of profile.samples.entries()) {
			const time = profile.timeDeltas[index] ?? 0;
			at += time;
			const stack = stacks.get(id);
			if (stack && at >= window[0] && at <= window[1]) yield { time, stack };
		}
	}
}

/** V8's name for the time in which nothing runs. */
const NOT_BUSY = new Set(['(idle)', '(program)', '(root)']);

function stacksOf(
	{ nodes }: z.infer<typeof profileSchema>,
	sources: Sources,
): ReadonlyMap<number, readonly Frame[]> {
	const parents = new Map(
		nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
	);
	const frames = new Map(
		nodes.map(({ id, callFrame: { functionName, url, lineNumber, columnNumber } }) => [
			id,
			{ name: functionName, ...sources.placeOf(url, lineNumber, columnNumber) },
		]),
	);
	const stacks = new Map<number, readonly Frame[]>();
	for (const [id, { name }] of frames) {
		if (NOT_BUSY.has(name)) continue;
		const stack: Frame[] = [];
		for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
			const frame = frames.get(at);
			if (frame && frame.name !== '(root)') stack.push(frame);
		}
		stacks.set(id, stack);
	}
	return stacks;
}
