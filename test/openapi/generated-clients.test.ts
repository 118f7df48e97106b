import { execFile } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { Seen } from './consumer/seen.ts';

const ROOT = join(__dirname, '../..');
const OWN = join(__dirname, 'node_modules');
const SHARED = join(ROOT, 'node_modules');

/** How each generator is called by who follows its documentation. `consumer/` has a program for each, by its name. */
const GENERATORS = {
	'openapi-typescript': [
		join(OWN, 'openapi-typescript/bin/cli.js'),
		...['openapi.json', '--output', 'generated/openapi-typescript.ts'],
	],
	'hey-api': [
		join(SHARED, '@hey-api/openapi-ts/bin/run.js'),
		...['--input', 'openapi.json', '--output', 'generated/hey-api'],
		...['--client', '@hey-api/client-fetch'],
	],
	orval: [join(SHARED, 'orval/dist/bin/orval.mjs'), '--config', 'orval.config.mjs'],
} as const;
const NAMES = Object.keys(GENERATORS) as readonly (keyof typeof GENERATORS)[];

/** The compilers that a program of today may be built with. */
const COMPILERS = {
	'TypeScript 5': join(OWN, 'typescript/bin/tsc'),
	'TypeScript 6': join(SHARED, 'typescript/bin/tsc'),
};

const run = promisify(execFile);

describe('clients that generators make of the API description', () => {
	let runner: RunnerProcess;
	/** A project as a user of the API has it. */
	let consumer: string;

	beforeAll(async () => {
		runner = await startRunner();
		consumer = temporaryDirectory('openapi');
		cpSync(join(__dirname, 'consumer'), consumer, { recursive: true });
		symlinkSync(SHARED, join(consumer, 'node_modules'));
		const { body } = await runner.get('/openapi.json');
		writeFileSync(join(consumer, 'openapi.json'), JSON.stringify(body));
		await Promise.all(
			NAMES.map((name) => run(process.execPath, GENERATORS[name], { cwd: consumer })),
		);
	});
	afterAll(() => runner.dispose());

	it.each(Object.entries(COMPILERS))(
		'compile under the strict rules of %s, and hold a caller to the description',
		async (_name, compiler) => {
			const { code, stdout } = await run(process.execPath, [compiler, '--project', '.'], {
				cwd: consumer,
			}).then(
				(done) => ({ code: 0, ...done }),
				(failed: { code: number; stdout: string }) => failed,
			);
			expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
		},
	);

	it.each(NAMES)('send, read and understand a refusal: %s', async (name) => {
		const program = join(consumer, `${name}.mjs`);
		await build({
			entryPoints: [join(consumer, `${name}.ts`)],
			outfile: program,
			bundle: true,
			platform: 'node',
			format: 'esm',
		});
		const { stdout } = await run(process.execPath, [program], {
			env: { ...process.env, SUREPING_URL: runner.url, SUREPING_API_KEY: API_KEY },
		});
		const seen: Seen = {
			queued: 'queued',
			isSentOnce: true,
			found: 'Order 1042 was paid.',
			channels: ['console'],
			eventTypes: ['notification.queued'],
			problem: { status: 422, title: 'Unprocessable Content', paths: ['channels.0'] },
		};
		expect(JSON.parse(stdout)).toEqual(seen);
	});

	it('have a program each', () => {
		const programs = readdirSync(join(__dirname, 'consumer'))
			.filter((file) => file.endsWith('.ts') && file !== 'seen.ts')
			.map((file) => file.replace('.ts', ''));
		expect(programs.sort()).toEqual([...NAMES].sort());
	});
});
