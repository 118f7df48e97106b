import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mutatedSources } from './bundle.ts';
import { MUTANTS } from './mutants/index.ts';

const ROOT = process.cwd();

/** The suite's output and its exit code. */
function chaos(...args: readonly string[]): { code: number | null; out: string } {
	const script = join(ROOT, 'test/chaos/main.ts');
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
		encoding: 'utf8',
		// Its counts are one test's here.
		env: { ...process.env, SUREPING_TEST_COUNT_FILE: '' },
	});
	return { code: status, out: stdout + stderr };
}

describe('the chaos suite, in short', () => {
	it('loses nothing and explains every repeat, killed six times', () => {
		const { code, out } = chaos('--kills', '6', '--rate', '40', '--seed', 'short');
		expect(out).toMatch(/\n\d+ passed, 0 failed\n$/);
		expect(out).toMatch(/sends lost +0\n/);
		expect(code).toBe(0);
	}, 120_000);

	it('loses nothing on PostgreSQL, with three processes and the server stopped meanwhile', () => {
		const { code, out } = chaos(
			...['--store', 'postgres', '--kills', '4', '--stops', '1', '--seed', 'short'],
		);
		expect(out).toMatch(/\n\d+ passed, 0 failed\n$/);
		expect(out).toMatch(/sends lost +0\n/);
		expect(code).toBe(0);
	}, 120_000);

	it('notices a mistake in the runner', () => {
		const { code, out } = chaos(
			'--mutant',
			'forget-due-time',
			'--kills',
			'1',
			'--rate',
			'40',
			'--seed',
			'short',
		);
		expect(out).toMatch(/caught: .*no attempt comes before it is due/);
		expect(code).toBe(0);
		// The build must not be mistaken for the real one.
		const left = join(ROOT, 'runner/dist/chaos');
		expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
	}, 120_000);
});

describe('a mutant', () => {
	it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
		'%s finds what it mutates',
		(_, mutant) => {
			const sources = mutatedSources(ROOT, mutant);
			expect(new Set(sources.keys())).toEqual(
				new Set(mutant.edits.map(({ file }) => join(ROOT, file))),
			);
			for (const { mutated } of mutant.edits) {
				expect([...sources.values()].some((source) => source.includes(mutated))).toBe(true);
			}
		},
	);

	it('is refused when the product has moved on', () => {
		const edit = { file: 'engine/retry.ts', original: 'no such line', mutated: '' };
		expect(() => mutatedSources(ROOT, { name: 'old', edits: [edit], breaks: [] })).toThrow(
			'The mutant old found its original 0 times in engine/retry.ts, not once',
		);
	});
});
