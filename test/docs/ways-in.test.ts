import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PUBLISHED } from '../../runner/published.ts';
import { waysIn } from '../../scripts/docs/ways-in.ts';
import { PAGES, readPage } from '../support/pages.ts';

/** Commands and words that a registry answers to, and no clone. */
const OF_REGISTRY = [
	/npm (?:install|i) (?:--global|-g) sureping\b/,
	/npx (?:--yes |-y )?sureping@/,
	/docker (?:pull|run) [^\n]*ghcr\.io\/sureping/,
	/image: ghcr\.io\/sureping/,
	/Community nodes → Install/,
];

/** The ways in of a page that need a registry. `npx sureping` is the clone's own where the page has spoken of the clone. */
const fromRegistry = (page: string): readonly string[] => [
	...OF_REGISTRY.flatMap((form) => form.exec(page)?.[0] ?? []),
	...(/npx sureping/.test(page.split(/\bclone\b/i, 1)[0] ?? '') ? ['npx sureping'] : []),
];

const render = (published: boolean): readonly [string, string][] =>
	Object.entries(waysIn(published)).map(([path, write]) => [path, write(readPage(path))]);

describe('the ways in', () => {
	it.each(Object.entries(waysIn(PUBLISHED)))(
		'of %s are those of now: npm run docs writes them',
		(path, write) => {
			expect(readPage(path)).toBe(write(readPage(path)));
		},
	);

	it.each(render(false))('of %s need no registry before the first release', (_path, page) => {
		expect(fromRegistry(page)).toEqual([]);
	});

	it.each(render(true))('of %s come from the registries after it', (_path, page) => {
		expect(page).toMatch(
			/npx sureping (?:init|serve)|Community nodes → Install|docker run|helm install/,
		);
		expect(page).not.toMatch(/npm run stage|Nothing is published|No registry has/);
	});

	const both = [true, false].flatMap((published) =>
		render(published).map(([path, page]) => [path, published, page] as const),
	);

	it.each(both)('of %s are shell and lead somewhere (published: %s)', (path, _published, page) => {
		for (const [, commands = ''] of page.matchAll(/^```sh\n([^]*?)^```$/gm)) {
			const { status, stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf8' });
			expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		}
		const links = [...page.matchAll(/\]\(((?!https?:|#)[^)#\s]+)/g)].map(([, link = '']) => link);
		expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([]);
		if (path === 'README.md') expect(Buffer.byteLength(page)).toBeLessThanOrEqual(8192);
	});
});

describe('while nothing is published', () => {
	// The maintainers' page tells how to publish.
	const pages = PAGES.filter((page) => page !== 'docs/releasing.md');

	it.each(pages)('%s takes nothing from a registry', (page) => {
		expect(PUBLISHED ? [] : fromRegistry(readPage(page))).toEqual([]);
	});

	it('a page that does would be noticed', () => {
		const claims = [
			'npm install --global sureping',
			'Run `npx sureping serve`.',
			'npx sureping@latest init',
			'docker run ghcr.io/sureping/sureping:0.1.0',
			'*Settings → Community nodes → Install*',
		];
		expect(claims.filter((claim) => fromRegistry(claim).length === 0)).toEqual([]);
		expect(fromRegistry('In a clone run `npx sureping list`.')).toEqual([]);
	});
});
