import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const linesOf = (path: string): readonly string[] =>
	readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'));

describe('the secrets of an installation in the clone', () => {
	it.each(['.env', 'sureping/.env', 'a/b/.env', 'sureping/.sureping-init-1-abc/.env'])(
		'in %s are not committed',
		(path) => {
			expect(spawnSync('git', ['check-ignore', '--quiet', '--no-index', path]).status).toBe(0);
		},
	);

	it('are left out of what Docker is sent, in every folder', () => {
		expect(linesOf('.dockerignore')).toEqual(
			expect.arrayContaining(['**/.env', '**/.env.*', '**/.sureping-init-*']),
		);
	});

	it.each(['.gitignore', '.dockerignore'])('are named once in %s', (path) => {
		const lines = linesOf(path);
		expect(lines).toEqual([...new Set(lines)]);
	});
});
