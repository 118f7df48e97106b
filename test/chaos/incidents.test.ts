import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

it('a chaos run loses no incident, and pages nobody after an answer', () => {
	const script = join(process.cwd(), 'test/chaos/main.ts');
	const size = ['--incidents', '--kills', '3', '--rate', '40', '--seed', 'short'];
	const { status, stdout } = spawnSync(process.execPath, [script, ...size], {
		encoding: 'utf8',
		// Its counts are one test's here.
		env: { ...process.env, SUREPING_TEST_COUNT_FILE: '' },
	});
	expect(stdout).toMatch(/\n10 passed, 0 failed\n$/);
	expect(status).toBe(0);
}, 120_000);
