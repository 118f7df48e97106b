// `npm run bench`: every benchmark, one after the other, since they share the machine's cores, and the goals at the end.
// With `-- --minutes N` the long steady run of the runner instead.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printGoals } from './goals.ts';

const args = process.argv.slice(2);
const ALL = [
	['throughput'],
	['features'],
	['costs'],
	['postgres'],
	['scale-out'],
	['steady', '--minutes', '1'],
	['backlog'],
	['migration'],
	['fairness'],
	['attack'],
	['verify'],
];
const runs = args.includes('--minutes') ? [['steady', ...args]] : ALL;
const dir = mkdtempSync(join(tmpdir(), 'sureping-bench-'));
try {
	const goals = join(dir, 'goals');
	const env = { ...process.env, SUREPING_BENCH_GOALS: goals };
	for (const [name, ...more] of runs) {
		const file = `bench/${name}.ts`;
		const { status } = spawnSync(process.execPath, [file, ...more], { stdio: 'inherit', env });
		if (status !== 0) process.exitCode = 1;
	}
	printGoals(goals);
} finally {
	rmSync(dir, { recursive: true });
}
