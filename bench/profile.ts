// `node bench/profile.ts DIR`: where the runner's busy time went, from the CPU profiles that BENCH_PROFILE_DIR collects.
// Time in Node or a package is charged to the function of ours that called it, else to the package; a statement's time to
// who runs it.
import { globSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { table } from './table.ts';

const SHOWN = 40;
const BUNDLE = 'runner/dist/sureping.js';
/** V8's name for the time in which nothing runs. */
const NOT_BUSY = new Set(['(idle)', '(program)', '(root)']);

// https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
const profileSchema = z.object({
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
type Node = z.infer<typeof profileSchema>['nodes'][number];

/** The source map's answer; an empty object where it has none. */
const entrySchema = z.object({ originalSource: z.string(), originalLine: z.number() });
// esbuild's, beside what it built.
const map = new SourceMap(JSON.parse(readFileSync(`${BUNDLE}.map`, 'utf8')));

function placeOf({ callFrame: { functionName, url, lineNumber, columnNumber } }: Node): string {
	if (!url) return functionName || '(native)';
	if (!url.endsWith(BUNDLE)) return packageOf(url);
	const entry = entrySchema.safeParse(map.findEntry(lineNumber, columnNumber));
	if (!entry.success) return packageOf(url);
	const { originalSource, originalLine } = entry.data;
	const source = originalSource.replace(/^(\.\.\/)+/, '');
	if (source.includes('node_modules/')) return packageOf(source);
	const path = source.startsWith('engine/') ? source : `runner/${source.replace(/^runner\//, '')}`;
	return `${path}:${originalLine + 1} ${functionName || '(anonymous)'}`;
}

const packageOf = (url: string): string =>
	/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url)?.[1] ??
	url.split('/')[0] ??
	url;

const isCharged = (place: string): boolean =>
	/^(runner|engine)\//.test(place) && !place.startsWith('runner/store/sqlite/db/statements.ts');

const own = new Map<string, number>();
const charged = new Map<string, number>();
const add = (to: Map<string, number>, place: string, time: number): void =>
	void to.set(place, (to.get(place) ?? 0) + time);

for (const file of globSync(join(process.argv[2] ?? '.', '*.cpuprofile'))) {
	const { nodes, samples, timeDeltas } = profileSchema.parse(
		JSON.parse(readFileSync(file, 'utf8')),
	);
	const places = new Map(nodes.map((node) => [node.id, placeOf(node)]));
	const parents = new Map(
		nodes.flatMap(({ id, children }) => children?.map((child) => [child, id]) ?? []),
	);
	for (const [index, id] of samples.entries()) {
		const place = places.get(id) ?? '';
		if (NOT_BUSY.has(place)) continue;
		const time = timeDeltas[index] ?? 0;
		add(own, place, time);
		let from: number | undefined = id;
		while (from !== undefined && !isCharged(places.get(from) ?? '')) from = parents.get(from);
		add(charged, from === undefined ? place : (places.get(from) ?? ''), time);
	}
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
