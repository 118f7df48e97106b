import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
	CHANNELS,
	ERROR_CODES,
	EVENT_TYPES,
	isReceivedType,
	MEANINGS,
	PROFILE_IDS,
	PROVIDERS,
	RECEIVED_TYPES,
} from '@sureping/engine';
import { parseConfig } from '../../runner/config/load.ts';

const readme = readFileSync('README.md', 'utf8');
const runnerPage = readFileSync('docs/runner/api.md', 'utf8');
const providersPage = readFileSync('docs/reference/providers.md', 'utf8');

/** The cells of the table under a heading, without their code marks; a link is its text. */
function rows(page: string, header: RegExp): string[][] {
	const table = new RegExp(`${header.source}[^\\n]*\\n[^\\n]*\\n((?:\\|[^\\n]*\\n)+)`);
	const [, text = ''] = table.exec(page) ?? [];
	return text
		.trim()
		.split('\n')
		.map((row) =>
			row
				.split('|')
				.slice(1, -1)
				.map((cell) =>
					cell
						.trim()
						.replaceAll('`', '')
						.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'),
				),
		);
}

const firstColumn = (page: string, header: RegExp): string[] =>
	rows(page, header).map(([cell = '']) => cell);

/** What a variable could hold, by its name. */
function valueOf(name: string): string {
	if (/URL/.test(name)) return 'https://discord.com/api/webhooks/1/x';
	return name === 'TWILIO_SID' ? `AC${'0'.repeat(32)}` : `sp_value_of_${name}`;
}

/** The configuration in a page that begins with these words. */
function shownConfig(page: string, start: string): ReturnType<typeof parseConfig> {
	const block = [...page.matchAll(/```yaml\n(.*?)```/gs)].find(([, yaml]) =>
		yaml?.startsWith(start),
	);
	const [, shown = ''] = block ?? [];
	const keys = 'api_keys: [{ name: n8n, key: 0123456789abcdef }]\n';
	const yaml = shown.includes('api_keys:') ? shown : keys + shown;
	const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
	return parseConfig(yaml, start, Object.fromEntries(names.map((name) => [name, valueOf(name)])));
}

describe('the README', () => {
	it('shows configurations that work as they stand', () => {
		const config = shownConfig(readme, 'api_keys:');
		expect(config.catalog.map(({ channel, name }) => `${channel}:${name}`)).toContain('email:mail');
		expect(config.endpoints).toHaveLength(1);

		const receiving = shownConfig(readme, 'public_url:');
		expect(receiving.inbound.map(({ isOurs, forward }) => ({ isOurs, forward }))).toEqual([
			{ isOurs: true, forward: false },
			{ isOurs: false, forward: true },
		]);
		expect(shownConfig(providersPage, 'inbound:').inbound).toHaveLength(1);
	});

	it('has a row for every channel, provider and event, and for nothing else', () => {
		expect(firstColumn(readme, /\| Channel \| A connection needs/)).toEqual(
			CHANNELS.map(({ id }) => id),
		);
		expect(firstColumn(readme, /\| Provider \| Verified by \|/)).toEqual(
			Object.values(PROVIDERS).map(({ title }) => title),
		);
		expect(firstColumn(readme, /\| Event \| Meaning \|/).sort()).toEqual(
			Object.keys(RECEIVED_TYPES).sort(),
		);
	});

	it('says of every event whether it is final, and whether the runner has it of its own', () => {
		const table = rows(readme, /\| Event \| Meaning \|/);
		expect(table.length).toBeGreaterThan(0);
		for (const [type = '', , final, emitted = ''] of table) {
			const isFinal = isReceivedType(type) && MEANINGS[type].final === true;
			expect({ type, isFinal: final === 'yes' }).toEqual({ type, isFinal });
			const isOwn = !emitted.startsWith('passed on only');
			expect({ type, isOwn }).toEqual({ type, isOwn: Object.hasOwn(EVENT_TYPES, type) });
		}
	});
});

describe('the pages beside it', () => {
	it('describe every provider by its id, every profile and every error code', () => {
		const sections = [...providersPage.matchAll(/^## (.*)\n\nId `([^`]*)`/gm)];
		expect(sections.map(([, title, id]) => [id, title])).toEqual(
			Object.entries(PROVIDERS).map(([id, { title }]) => [id, title]),
		);
		expect(firstColumn(runnerPage, /\| Profile \| Signature \|/)).toEqual([...PROFILE_IDS]);
		expect(firstColumn(runnerPage, /\| Code \| Meaning \|/)).toEqual(Object.keys(ERROR_CODES));
	});

	it('and the README lead with every link to something that is there', () => {
		const pages = [
			...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'runner/README.md'],
			...readdirSync('docs', { recursive: true }).flatMap((name) =>
				typeof name === 'string' && name.endsWith('.md') ? [`docs/${name}`] : [],
			),
		];
		for (const page of pages) {
			for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
				if (/^https?:/.test(target)) continue;
				const [path = '', anchor] = target.split('#', 2);
				const file = path === '' ? page : join(dirname(page), path);
				const found = existsSync(file) && (anchor === undefined || anchors(file).includes(anchor));
				expect({ page, target, found }).toEqual({ page, target, found: true });
			}
		}
	});
});

/** Of a page's headings, as GitHub makes them. */
function anchors(file: string): string[] {
	return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
		heading
			.toLowerCase()
			.replaceAll(/[^\w\- ]/g, '')
			.replaceAll(' ', '-'),
	);
}
