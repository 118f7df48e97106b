// `npm run bench`: every benchmark, one after the other, since they share the machine's cores.
import { spawnSync } from 'node:child_process';

for (const file of ['bench/verify.ts', 'bench/throughput.ts']) {
	const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
	if (status !== 0) process.exitCode = 1;
}
