// `node bench/profile.ts DIR [CLONE]`: where the runner's busy time went, from the CPU profiles that BENCH_PROFILE_DIR
// collects, of all its threads. Time in Node or a package is charged to the function of ours that called it, else to the
// package; a statement's time to the function that runs it.
import { type Frame, readProfiles } from './cpu-profile.ts';
import { Sources } from './sources.ts';
import { table } from './table.ts';

const SHOWN = 40;

const [directory = '.', clone = '.'] = process.argv.slice(2);

const isCharged = ({ source }: Frame): boolean =>
	/^(runner|engine)\//.test(source) && !source.endsWith('/db/statements.ts');

const nameOf = ({ name, source, line }: Frame): string => {
	if (line !== undefined) return `${source}:${line} ${name || '(anonymous)'}`;
	return source || name || '(native)';
};

const own = new Map<string, number>();
const charged = new Map<string, number>();
const add = (to: Map<string, number>, place: string, time: number): void =>
	void to.set(place, (to.get(place) ?? 0) + time);

for (const { time, stack } of readProfiles(directory, new Sources(clone))) {
	const [innermost] = stack;
	if (!innermost) continue;
	add(own, nameOf(innermost), time);
	add(charged, nameOf(stack.find(isCharged) ?? innermost), time);
}

const all = [...charged.values()].reduce((sum, time) => sum + time, 0);
const percent = (time: number): string => ((time / all) * 100).toFixed(1);
const largest = [...charged].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
console.log(
	table([
		['', 'charged, %', 'itself, %'],
		...largest.map(([place, time]) => [place, percent(time), percent(own.get(place) ?? 0)]),
	]),
);
