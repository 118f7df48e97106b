import { anchorsOf, proseOf, readPage } from '../support/pages.ts';

/** Sections that n8n asks for in the README of a community package. */
const SECTIONS = [
	'installation',
	'operations',
	'credentials',
	'compatibility',
	'usage',
	'resources',
	'version-history',
];

it('the README of the n8n package has the sections that n8n asks for, in their order', () => {
	const anchors = anchorsOf('nodes/README.md');
	expect(anchors.filter((anchor) => SECTIONS.includes(anchor))).toEqual(SECTIONS);
});

it.each(['nodes/README.md', 'runner/README.md'])('%s works on npm: no link is relative', (page) => {
	const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
	expect(targets.length).toBeGreaterThan(5);
	expect(targets.filter((target) => !/^(?:https:|#)/.test(target))).toEqual([]);
});

it('each of the two says in its first lines what the package is', () => {
	for (const page of ['nodes/README.md', 'runner/README.md'])
		expect(readPage(page).split('\n\n')[1]).toMatch(/retr/);
});
