import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorsOf, inlineCodeOf, PAGES, proseOf } from '../support/pages.ts';

interface Link {
	readonly page: string;
	readonly target: string;
}

const linksOf = (page: string): readonly Link[] =>
	[...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ page, target }));

/** The repository's own pages, as npm's pages of the packages have to name them. */
const OURS = 'https://github.com/sureping/sureping/blob/main/';
/** The same for pictures. */
const OUR_PICTURES = 'https://raw.githubusercontent.com/sureping/sureping/main/';

function leadsSomewhere({ page, target }: Link): boolean {
	const ours = [OURS, OUR_PICTURES].find((base) => target.startsWith(base));
	const local = ours ? `/${target.slice(ours.length)}` : target;
	if (/^(?:https?|mailto):/.test(local)) return URL.canParse(local);
	const [path = '', anchor] = local.split('#', 2);
	const file =
		path === '' ? page : path.startsWith('/') ? path.slice(1) : join(dirname(page), path);
	return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

describe('the pages', () => {
	it.each(PAGES)('%s leads with every link to something that is there', (page) => {
		expect(linksOf(page).filter((link) => !leadsSomewhere(link))).toEqual([]);
	});

	it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))(
		'%s names files that are there',
		(page) => {
			const paths = inlineCodeOf(page).filter((code) =>
				// A build writes dist.
				/^(?!dist\/)[a-z]+\/(?!NAME)[\w./-]*\w\/?$/.test(code),
			);
			// Of the folders at the root, but for what a build makes.
			const ours = paths.filter(
				(path) => !path.startsWith('dist/') && existsSync(path.split('/', 1)[0] ?? ''),
			);
			expect(ours.filter((path) => !existsSync(path))).toEqual([]);
		},
	);

	it('are all reached from the table of contents, which npm does not show', () => {
		const contents = 'docs/README.md';
		const reached = linksOf(contents).map(({ target }) =>
			join('docs', target.split('#', 1)[0] ?? ''),
		);
		const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== contents);
		// Old links lead to this page; it points to the pages that it was split into.
		expect(pages.filter((page) => !reached.includes(page))).toEqual(['docs/reference.md']);
	});
});

it('links in the code to a page of ours lead to something that is there', () => {
	const files = ['nodes', 'credentials', 'engine', 'runner/cli', 'runner/config', 'runner/http']
		.flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
		)
		.filter((file) => /\.(?:ts|json)$/.test(file));
	const links = files.flatMap((page) =>
		readFileSync(page, 'utf8')
			.split(OURS)
			.slice(1)
			.map((rest) => ({ page, target: OURS + (/^[\w./#-]*\w/.exec(rest)?.[0] ?? '') })),
	);
	expect(links.length).toBeGreaterThan(4);
	expect(links.filter((link) => !leadsSomewhere(link))).toEqual([]);
});

it('a link to nothing is noticed', () => {
	const page = 'docs/README.md';
	const targets = [
		'nowhere.md',
		'concepts.md#nowhere',
		'#nowhere',
		`${OURS}docs/nowhere.md`,
		`${OUR_PICTURES}no.png`,
	];
	expect(targets.map((target) => leadsSomewhere({ page, target }))).toEqual([
		...targets.map(() => false),
	]);
	expect(leadsSomewhere({ page, target: 'concepts.md#words' })).toBe(true);
});
