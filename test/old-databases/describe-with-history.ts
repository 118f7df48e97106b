import { spawnSync } from 'node:child_process';

/** `describe` for tests that build older commits: skipped in a shallow clone and in an archive, which have none. */
export const describeWithHistory: jest.Describe = hasHistory() ? describe : describe.skip;

function hasHistory(): boolean {
	const { stdout } = spawnSync('git', ['rev-parse', '--is-shallow-repository'], {
		encoding: 'utf8',
	});
	return stdout?.trim() === 'false';
}
