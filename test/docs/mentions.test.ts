import ts from 'typescript';
import {
	ERROR_CODES,
	EVENT_TYPES,
	isReceivedType,
	OPERATIONAL_TYPES,
	RECEIVED_TYPES,
} from '@sureping/engine';
import {
	BLOCKS,
	inlineCodeOf,
	namesIn,
	PAGES,
	proseOf,
	readPage,
	tableRows,
} from '../support/pages.ts';
import { nodesOf, sourceFiles } from '../support/source-files.ts';

interface Mention {
	readonly page: string;
	readonly name: string;
}

/** Where a page names something of this form. */
const mentions = (form: RegExp): readonly Mention[] =>
	PAGES.flatMap((page) =>
		[...readPage(page).matchAll(form)].map(([all, name = all]) => ({ page, name })),
	);

const unknown = (
	found: readonly Mention[],
	isKnown: (name: string) => boolean,
): readonly Mention[] => found.filter(({ name }) => !isKnown(name));

/** Two words in capitals at least. */
const CODE = /^(?!SUREPING_)[A-Z]+(?:_[A-Z]+)+$/;
/** Variables, Node's codes and providers' events are written alike. */
const IS_OTHER: ReadonlySet<string> = new Set([
	...['NAME_FILE', 'WEBHOOK_URL', 'DATABASE_URL'],
	...['EAI_AGAIN', 'EMAIL_OPEN', 'SMS_INBOUND', 'VOICE_INBOUND'],
]);

describe('what a page names', () => {
	it('is an event that there is', () => {
		const found = mentions(/(?<![\w.])((?:notification|endpoint)\.[a-z_]+)\b/g);
		expect(found.length).toBeGreaterThan(50);
		const isKnown = (name: string): boolean =>
			isReceivedType(name) || Object.hasOwn(OPERATIONAL_TYPES, name);
		expect(unknown(found, isKnown)).toEqual([]);
		expect(Object.keys(EVENT_TYPES).filter((type) => !Object.hasOwn(RECEIVED_TYPES, type))).toEqual(
			[],
		);
	});

	it('is a metric that there is', () => {
		const metrics = new Set(
			tableRows('docs/operate/metrics.md', '| Metric |').flatMap(([cell]) => namesIn(cell)),
		);
		const found = mentions(/\b(sureping_[a-z_]+)\b(?!\.)/g);
		// The schemas of PostgreSQL are no metrics.
		expect(unknown(found, (name) => metrics.has(name) || name === 'sureping_jobs')).toEqual([]);
	});

	it('is an error code that there is', () => {
		const codes = new Set(Object.keys(ERROR_CODES));
		const pages = PAGES.filter((page) => !/design|CONTRIBUTING|CHANGELOG/.test(page));
		const found = pages.flatMap((page) =>
			inlineCodeOf(page)
				.filter((code) => CODE.test(code) && !IS_OTHER.has(code))
				.map((name) => ({ page, name })),
		);
		expect(found.length).toBeGreaterThan(10);
		expect(unknown(found, (name) => codes.has(name))).toEqual([]);
	});
});

describe('a command that a page names', () => {
	// Another test compares this table with the program.
	const commands = tableRows('docs/runner/cli.md', '| Command |').map(([command, , options]) => ({
		name: namesIn(command)[0] ?? '',
		options: namesIn(options),
	}));
	const texts: readonly Mention[] = [
		...PAGES.flatMap((page) => inlineCodeOf(page).map((name) => ({ page, name }))),
		...BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ place, text }) =>
			text
				.replaceAll(/\\\n/g, ' ')
				.split('\n')
				.map((name) => ({ page: place, name })),
		),
	];
	const named = texts.filter(({ name }) => /^(?:npx )?sureping [a-z]/.test(name));

	const commandIn = (text: string): (typeof commands)[number] | undefined => {
		const words = text.replace(/^(?:npx )?sureping /, '').split(/\s+/);
		return commands.find(({ name }) => words.slice(0, name.split(' ').length).join(' ') === name);
	};
	/** The options that come before a comment, each by its long name. */
	const optionsIn = (text: string): readonly string[] =>
		[...(text.split(/\s#\s/, 1)[0] ?? '').matchAll(/(?<=\s)--[a-z0-9-]+/g)].map(
			([option]) => option,
		);

	it('is there, with every option', () => {
		expect(named.length).toBeGreaterThan(20);
		const wrong = named.filter(({ name }) => {
			const command = commandIn(name);
			return !command || optionsIn(name).some((o) => !command.options.includes(o));
		});
		expect(wrong).toEqual([]);
	});
});

/** Of n8n's own panels, and an example. */
const N8N_OWN: ReadonlySet<string> = new Set([
	...['Settings → Community nodes', 'Settings → Community nodes → Install'],
	...['Tools', 'Execute step', 'Execute workflow', 'Retry On Fail'],
	...['Poll Times'],
	...['Error Trigger', 'Error Workflow', 'If', 'Order confirmation with fallback'],
]);

describe('what a page says of n8n', () => {
	const sources = sourceFiles(['nodes', 'credentials', 'engine']);
	const texts = new Set(
		sources.flatMap((file) =>
			nodesOf(file, ts.isStringLiteralLike).map(({ text }) => text.replace(/ Names or IDs$/, '')),
		),
	);
	/** An outcome is an output by its name in capitals, and a type of event an option. */
	const known = (name: string): boolean =>
		[name, name.toLowerCase(), `Notification ${name}`].some((one) => texts.has(one));

	it('is what its panels say: names of nodes, parameters, options and credentials', () => {
		const pages = ['docs/quick-start.md', ...PAGES.filter((page) => /n8n|providers/.test(page))];
		const found = pages.flatMap((page) =>
			[...proseOf(page).matchAll(/(?<![*\w])\*([A-Z][^*\n]*)\*(?![*\w])/g)].map(
				([, name = '']) => ({
					page,
					name: name.split(/[:,] /, 1)[0] ?? '',
				}),
			),
		);
		expect(found.length).toBeGreaterThan(30);
		expect(unknown(found, (name) => known(name) || N8N_OWN.has(name))).toEqual([]);
	});
});
