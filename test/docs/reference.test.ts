import { readFileSync } from 'node:fs';
import { cliCommands } from '../support/cli-commands.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { CONFIG_PATHS, SERVICE_PATHS } from '../support/schema-paths.ts';

const page = readFileSync('docs/reference.md', 'utf8');

/** The rows of the table under a heading. A cell of names is their list. */
function rowsUnder(heading: string): string[][] {
	const [, below = ''] = page.split(new RegExp(`^#+ ${heading}$`, 'm'));
	const [section = ''] = below.split(/^#/m);
	const lines = section.split('\n').filter((line) => line.startsWith('|'));
	return lines.slice(2).map((line) =>
		line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim()),
	);
}
const names = (cell = ''): string[] =>
	[...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const firstNames = (heading: string): string[] =>
	rowsUnder(heading).flatMap(([cell]) => names(cell));

describe('the reference', () => {
	it('has every setting of the config, and no other', () => {
		expect(firstNames('Settings').sort()).toEqual([...CONFIG_PATHS].sort());
	});

	it('has every setting of every service, and no other', () => {
		const written = rowsUnder('Connections').map(([channel, service, settings]) => [
			`${names(channel)[0]} ${names(service)[0]}`,
			names(settings),
		]);
		expect(Object.fromEntries(written)).toEqual(Object.fromEntries(SERVICE_PATHS));
	});

	it('has every command with all its options, and no other', () => {
		const written = rowsUnder('Commands').map(([command, , options]) => [
			names(command)[0],
			names(options).sort(),
		]);
		const known = cliCommands().map(({ name, options }) => [
			name,
			options.map(({ long }) => long).sort(),
		]);
		expect(written).toEqual(known);
	});

	describe('of metrics', () => {
		let runner: RunnerProcess;
		beforeAll(async () => {
			runner = await startRunner();
		});
		afterAll(() => runner.dispose());

		it('has every one that is exposed, with its type, and no other', async () => {
			const { body } = await runner.get('/metrics');
			const types = [...String(body).matchAll(/^# TYPE (sureping_\w+) (\w+)$/gm)];
			expect(types.length).toBeGreaterThan(10);
			const written = rowsUnder('Metrics').map(([name, type]) => [names(name)[0], type]);
			expect(written.sort()).toEqual(types.map(([, name, type]) => [name, type]).sort());
			expect(body).toMatch(/^sureping_build_info\{version="[\d.]+",store="sqlite"\} 1$/m);
			expect(body).toMatch(/^sureping_database_bytes [1-9]\d+$/m);
			expect(body).toMatch(/^sureping_disk_free_bytes [1-9]/m);
		});
	});
});
