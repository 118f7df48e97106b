import {
	CHANNELS,
	DELIVERY_STATES,
	ERROR_CODES,
	EVENT_TYPES,
	isReceivedType,
	MEANINGS,
	OPERATIONAL_TYPES,
	PROFILE_IDS,
	PROVIDERS,
	RECEIVED_TYPES,
} from '@sureping/engine';
import { LIST_PAGES } from '../../scripts/docs/lists.ts';
import { cliCommands } from '../support/cli-commands.ts';
import { namesIn, readPage, tableRows } from '../support/pages.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';

const EVENTS = 'docs/reference/events.md';
const PROVIDERS_PAGE = 'docs/reference/providers.md';

/** The first cells of a table, without their code marks. */
const firstColumn = (page: string, header: string): readonly string[] =>
	tableRows(page, header).map(([cell = '']) => cell.replaceAll('`', ''));

describe('the tables', () => {
	it('have a row for every channel, provider and event, and for nothing else', () => {
		expect(firstColumn('docs/runner/channels.md', '| Channel | A connection needs')).toEqual(
			CHANNELS.map(({ id }) => id),
		);
		expect(firstColumn(PROVIDERS_PAGE, '| Provider | Verified by |')).toEqual(
			Object.values(PROVIDERS).map(({ title }) => title),
		);
		expect([...firstColumn(EVENTS, '| Event | Meaning |')].sort()).toEqual(
			Object.keys(RECEIVED_TYPES).sort(),
		);
	});

	it.each(Object.entries(LIST_PAGES))('of %s are made of the engine’s lists', (path, made) => {
		// `npm run docs` writes them.
		expect(readPage(path)).toBe(made(readPage(path)));
	});

	it('say of every event whether it is final, and whether the runner has it of its own', () => {
		const table = tableRows(EVENTS, '| Event | Meaning |');
		expect(table.length).toBeGreaterThan(0);
		for (const [cell = '', , final, emitted = ''] of table) {
			const [type = ''] = namesIn(cell);
			const isFinal = isReceivedType(type) && MEANINGS[type].final === true;
			expect({ type, isFinal: final === 'yes' }).toEqual({ type, isFinal });
			const isOwn = !emitted.startsWith('passed on only');
			expect({ type, isOwn }).toEqual({ type, isOwn: Object.hasOwn(EVENT_TYPES, type) });
		}
	});

	it('have every operational event and every state of a delivery', () => {
		expect([...firstColumn(EVENTS, '| Event | When |')].sort()).toEqual(
			Object.keys(OPERATIONAL_TYPES).sort(),
		);
		expect(firstColumn('docs/concepts.md', '| State | Meaning |')).toEqual([...DELIVERY_STATES]);
	});

	it('describe providers by their ids in the order of the list, every profile and every error code', () => {
		const sections = [...readPage(PROVIDERS_PAGE).matchAll(/^## (.*)\n\nId `([^`]*)`/gm)];
		const described = sections.map(([, title, id]) => [id, title]);
		expect(described.length).toBeGreaterThan(20);
		// A new provider has its row; a section where there is more to say.
		expect(described).toEqual(
			Object.entries(PROVIDERS)
				.filter(([id]) => described.some(([known]) => known === id))
				.map(([id, { title }]) => [id, title]),
		);
		expect(firstColumn('docs/runner/endpoints.md', '| Profile | Signature |')).toEqual([
			...PROFILE_IDS,
		]);
		expect(firstColumn('docs/reference/error-codes.md', '| Code | Meaning |')).toEqual(
			Object.keys(ERROR_CODES),
		);
	});

	it('have every command with its help and all its options, and no other', () => {
		const written = tableRows('docs/runner/cli.md', '| Command |').map(
			([command, description, options]) => [
				namesIn(command)[0],
				description,
				[...namesIn(options)].sort(),
			],
		);
		const known = cliCommands().map(({ name, description, options }) => [
			name,
			description,
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

		it('has every one that is exposed, with its type and help, and no other', async () => {
			const { body } = await runner.get('/metrics');
			const exposed = [...String(body).matchAll(/^# HELP (sureping_\w+) (.*)\n# TYPE \1 (\w+)$/gm)];
			expect(exposed.length).toBeGreaterThan(10);
			const written = tableRows('docs/operate/metrics.md', '| Metric |').map(
				([name, type, meaning]) => [namesIn(name)[0], type, meaning],
			);
			expect(written.sort()).toEqual(
				exposed.map(([, name, meaning, type]) => [name, type, meaning]).sort(),
			);
			expect(body).toMatch(/^sureping_build_info\{version="[\d.]+",store="sqlite"\} 1$/m);
			expect(body).toMatch(/^sureping_database_bytes [1-9]\d+$/m);
			expect(body).toMatch(/^sureping_disk_free_bytes [1-9]/m);
		});
	});
});
