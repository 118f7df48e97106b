// `npm run bench`: every benchmark, one after the other, since they share the machine's cores. With `-- --minutes N` the
// long steady run of the runner instead.
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
const files = args.includes('--minutes')
	? ['bench/steady.ts']
	: ['verify', 'throughput', 'costs', 'postgres', 'scale-out', 'backlog', 'fairness', 'attack'].map(
			(name) => `bench/${name}.ts`,
		);
for (const file of files) {
	const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
	if (status !== 0) process.exitCode = 1;
}
