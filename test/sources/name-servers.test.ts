import { spawnSync } from 'node:child_process';
import { lookup, Resolver } from 'node:dns/promises';
import ts from 'typescript';
import { RUNNER } from '../support/runner-process.ts';
import { nodesOf, placeOf, sourceFiles } from '../support/source-files.ts';

describe('a test asks no name server', () => {
	it('itself, by any way of Node’s', async () => {
		await expect(lookup('example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
		await expect(new Resolver().resolve4('example.com')).rejects.toMatchObject({
			code: 'ENOTFOUND',
		});
		await expect(fetch('http://example.com/')).rejects.toMatchObject({
			cause: { code: 'ENOTFOUND' },
		});
		expect(await lookup('localhost', 4)).toEqual({ address: '127.0.0.1', family: 4 });
	});

	it('by a runner that it starts', () => {
		const script = `
			import { lookup } from 'node:dns';
			import { Resolver } from 'node:dns/promises';
			lookup('example.com', { all: true }, ({ code }) => console.log(code));
			await new Resolver().resolve6('example.com').catch(({ code }) => console.log(code));
		`;
		const node = [...RUNNER.slice(0, -1), '--input-type=module', '--eval', script];
		const { stdout } = spawnSync(process.execPath, node, { encoding: 'utf8' });
		expect(stdout).toBe('ENOTFOUND\nENOTFOUND\n');
	});

	it('by any other runner, as each is started by the arguments in RUNNER', () => {
		const bundle = ['runner', 'dist', 'sureping.js'].join('/');
		const places = sourceFiles(['test']).flatMap((file) =>
			nodesOf(file, ts.isStringLiteralLike)
				.filter(({ text }) => text.endsWith(bundle))
				.map((node) => placeOf(file, node)),
		);
		expect(places).toEqual([expect.stringMatching(/^test\/support\/runner-process\.ts:\d+$/)]);
	});
});
