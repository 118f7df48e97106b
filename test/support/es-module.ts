import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs a script in a Node of its own, because jest does not load packages that are ES modules only. The script has
 * `input` and sets `output`, both JSON.
 */
export function inNode(script: string, input: unknown): unknown {
	const whole = `
		import { readFileSync } from 'node:fs';
		const input = JSON.parse(readFileSync(0, 'utf8'));
		let output;
		${script}
		process.stdout.write(JSON.stringify(output));`;
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		['--input-type=module', '--eval', whole],
		{ input: JSON.stringify(input), encoding: 'utf8', cwd: join(__dirname, '../..') },
	);
	if (status !== 0) throw new Error(`node failed: ${stderr}`);
	return JSON.parse(stdout);
}
