import { execFileSync } from 'node:child_process';
import { debianProgram } from '../support/debian-program.ts';

const UNIT = 'deploy/systemd/sureping.service';

/** systemd's own measure of what a service could do to its machine, from 0 (nothing) to 10, times ten. */
const MOST_EXPOSURE = '20';

const analyze = (...args: readonly string[]): string => {
	const program = debianProgram({ program: 'systemd-analyze', package: 'systemd' });
	return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
};

describe('the systemd unit', () => {
	it('holds nothing that systemd does not know', () => {
		// It warns with exit code 0.
		const program = debianProgram({ program: 'systemd-analyze', package: 'systemd' });
		const output = execFileSync('sh', ['-c', '"$0" verify "$1" 2>&1', program, UNIT], {
			encoding: 'utf8',
		});
		expect(output).toBe('');
	});

	it('exposes little of the machine, by systemd’s own measure', () => {
		const output = analyze('security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, UNIT);
		expect(output).toMatch(/Overall exposure level for sureping\.service: [01]\.\d OK/);
	});
});
