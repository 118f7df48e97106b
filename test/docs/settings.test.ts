import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type FastifyInstance } from 'fastify';
import { parse as parseYaml } from 'yaml';
import type { Config } from '../../runner/config/config.ts';
import { ConfigError } from '../../runner/config/config-error.ts';
import { loadConfig, parseConfig } from '../../runner/config/load.ts';
import {
	configJsonSchema,
	serviceSettings,
	settingsSchema,
} from '../../scripts/docs/config-schema.ts';
import { missingExamples } from '../../scripts/docs/example-config.ts';
import { configurationPage, packageFiles, PAGE } from '../../scripts/docs/settings.ts';
import { type Setting, settingsOf } from '../../scripts/docs/settings-tree.ts';
import { namesIn, readPage } from '../support/pages.ts';
import { CONFIG_PATHS, SERVICE_PATHS } from '../support/schema-paths.ts';

const EXAMPLE = 'runner/sureping.example.yaml';
const RSA_KEY = generateKeyPairSync('rsa', {
	modulusLength: 2048,
	publicKeyEncoding: { type: 'spki', format: 'pem' },
	privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;
const KEY = 'sp_test_key_0123456789';
const example = readFileSync(EXAMPLE, 'utf8');

/** Every setting within some, as `a.b`; of a list's entries as `list[].b`. */
function pathsOf(settings: readonly Setting[], above = ''): string[] {
	return settings.flatMap((one) => {
		const path = above + one.name;
		return [path, ...pathsOf(one.settings, `${path}${one.isList ? '[]' : ''}.`)];
	});
}

const allOf = (settings: readonly Setting[]): Setting[] =>
	settings.flatMap((one) => [one, ...allOf(one.settings)]);

const SETTINGS = settingsOf(settingsSchema());
const SERVICES = serviceSettings().map(({ channel, key, schema }) => ({
	service: `${channel} ${key}`,
	settings: settingsOf(schema),
}));

/** The rules of a provider that is not built in are the engine's, so the config's own schema does not list them. */
const isGeneric = (path: string): boolean => path.startsWith('inbound[].generic.');

describe('every setting', () => {
	const every = [...SETTINGS, ...SERVICES.flatMap(({ settings }) => settings)];

	it.each(allOf(every).map((one) => [one.name, one] as const))(
		'%s says what it is and what leaving it out means',
		(_name, setting) => {
			expect(setting.description).toMatch(/^["`A-Z].*\.$/s);
			const { isRequired, defaultText, settings } = setting;
			const ways = [isRequired, setting.default !== undefined, defaultText !== undefined];
			expect(ways.filter(Boolean).length).toBe(settings.length > 0 && !ways.some(Boolean) ? 0 : 1);
		},
	);

	it('has a default or an example to show; without one, the message names the setting and its channel', () => {
		expect(missingExamples()).toEqual([]);
		const schema = {
			properties: { api_url: {}, token: { examples: ['x'] }, server: { properties: { port: {} } } },
			required: ['api_url'],
		};
		expect(missingExamples([{ title: 'Pager: Pager API', schema }])).toEqual([
			'api_url of a connection (Pager: Pager API) needs an example: add .meta({ examples: [...] }) to its schema',
			'server.port of a connection (Pager: Pager API) needs an example: add .meta({ examples: [...] }) to its schema',
		]);
	});

	it('is found by what writes the docs', () => {
		expect(
			pathsOf(SETTINGS)
				.filter((path) => !isGeneric(path))
				.sort(),
		).toEqual([...CONFIG_PATHS].sort());
		expect(SERVICES.map(({ service, settings }) => [service, pathsOf(settings)])).toEqual([
			...SERVICE_PATHS,
		]);
	});
});

describe('what is made of the settings', () => {
	it.each(Object.entries(packageFiles()))(
		'%s is up to date, else run npm run docs',
		(path, text) => {
			expect(readFileSync(path, 'utf8')).toBe(text);
		},
	);

	it('is up to date in the docs, else run npm run docs', () => {
		const page = readPage(PAGE);
		expect(page).toBe(configurationPage(page));
	});

	it('is in the npm package', () => {
		// Our own.
		const { files } = JSON.parse(readFileSync('runner/package.json', 'utf8')) as {
			files: string[];
		};
		const made = Object.keys(packageFiles()).map((path) => path.replace('runner/', ''));
		expect(files).toEqual(expect.arrayContaining(made));
	});
});

describe('the page', () => {
	/** The names in the first cells of the tables between two headings. */
	const rowsUnder = (heading: string): string[] => {
		const [, below = ''] = readPage(PAGE).split(`\n## ${heading}\n`);
		const [section = ''] = below.split('\n## ');
		const rows = section.split('\n').filter((line) => line.startsWith('| `'));
		return rows.map((row) => namesIn(row.split('|')[1])[0] ?? '');
	};

	it('has every setting of the config, and no other', () => {
		const written = rowsUnder('Settings').filter((path) => !isGeneric(path));
		expect(written.sort()).toEqual([...CONFIG_PATHS].sort());
	});

	it('has every setting of every service, and no other', () => {
		expect(rowsUnder('Services of connections')).toEqual([...SERVICE_PATHS.values()].flat());
	});

	it('names a variable for every setting that is in no list, and each works', () => {
		const isSingle = (path: string): boolean =>
			!/\[|^(api_keys|connections|endpoints|inbound|contacts|on_call|policies)$/.test(path);
		const inner = CONFIG_PATHS.filter((path) =>
			CONFIG_PATHS.some((other) => other.startsWith(`${path}.`)),
		);
		const leaves = CONFIG_PATHS.filter((path) => isSingle(path) && !inner.includes(path));
		const written = rowsUnder('Environment variables');
		expect(written).toHaveLength(leaves.length);
		for (const variable of written) {
			// No setting takes this, so the message names the one that the variable overrides.
			const environment = { [variable]: '[[[]]]' };
			const wrong = (): Config =>
				parseConfig(`api_keys: [{name: n8n, key: ${KEY}}]`, 'x', environment);
			const path = variable.replace('SUREPING_', '').toLowerCase().replaceAll('__', '.');
			expect(wrong).toThrow(`${path}`);
			expect(leaves).toContain(path);
		}
	});
});

describe('the example file', () => {
	/** A commented-out setting, or an entry's first one. Comments in words begin with a capital letter. */
	const OFF = /^[\s#]*#\s*(- )?[a-z_0-9]+:( |$)/;
	const everything = example
		.split('\n')
		.map((line) =>
			OFF.test(line) ? line.replace(/^[\s#]*/, (start) => start.replaceAll('#', '')) : line,
		)
		.join('\n');

	it('names the schema beside it in its first line, for editors', () => {
		const [first] = example.split('\n');
		expect(first).toBe('# yaml-language-server: $schema=./config.schema.json');
	});

	it('is taken as it stands, and every value in it is the default', () => {
		const least = `{api_keys: [{name: n8n, key: ${KEY}}], connections: [{name: ops, channel: console}]}`;
		const comparable = (config: Config): string =>
			JSON.stringify({ ...config, policy: config.webhookPolicy('sureping') });
		expect(comparable(loadConfig(EXAMPLE, { API_KEY: KEY }))).toBe(
			comparable(parseConfig(least, 'least', {})),
		);
	});

	it('has every setting, and no other', () => {
		const value: unknown = parseYaml(everything);
		const { connections, ...others } = Object(value) as { connections: object[] };
		const [common = {}, ...services] = connections;
		const written = [
			...namesWithin(others),
			'connections',
			...namesWithin({ connections: [common] }).slice(1),
		];
		expect(written.sort()).toEqual(pathsOf(SETTINGS).sort());
		const shared = new Set(['name', 'channel']);
		expect(services.map((one) => namesWithin(one).filter((path) => !shared.has(path)))).toEqual(
			SERVICES.filter(({ service }) => service !== 'console console').map(({ settings }) =>
				pathsOf(settings),
			),
		);
	});

	it('has examples that are taken, but for settings of which one excludes the other', () => {
		const names = [...everything.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
		const environment = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
		expect(issuesOf(everything, environment)).toEqual([
			'api_keys.0: needs either key or key_sha256',
			'endpoints.0.report_type: sureping has no report types; otpiq has',
			'inbound.0.generic.timestamp_part: the time is either in a list or in a timestamp_header',
			...[10, 12].flatMap((i) => [
				`connections.${i}.twilio: needs either auth_token, or api_key_sid and api_key_secret`,
				`connections.${i}.from: is needed, or else twilio.messaging_service_sid`,
			]),
		]);
	});
});

/** The mistakes in a config. */
function issuesOf(text: string, environment: Readonly<Record<string, string>>): readonly string[] {
	try {
		parseConfig(text, 'example', environment);
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.issues;
		throw error;
	}
}

/** Every name within a value, as `a.b`; within the entries of a list as `list[].b`. */
function namesWithin(value: object, above = ''): string[] {
	return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
		const path = above + name;
		const [entry] = Array.isArray(member) ? (member as unknown[]) : [];
		const isFree = /(^|\.)(headers|types|bounce_types)$/.test(path);
		if (typeof entry === 'object' && entry !== null)
			return [path, ...namesWithin(entry, `${path}[].`)];
		if (typeof member !== 'object' || member === null || Array.isArray(member) || isFree)
			return [path];
		return [path, ...namesWithin(member, `${path}.`)];
	});
}

/** A value that a variable could have, by its name. */
function valueOf(name: string): string {
	if (name === 'SMTP_CA') return '-----BEGIN CERTIFICATE-----\n';
	if (name === 'DKIM_KEY') return RSA_KEY;
	if (name === 'DISCORD_WEBHOOK_URL') return 'https://discord.com/api/webhooks/1/x';
	if (name === 'SLACK_WEBHOOK_URL') return 'https://hooks.slack.com/services/T0/B0/x';
	const sid = /^TWILIO_(?:API_KEY_|SERVICE_)?SID$/.exec(name);
	if (sid)
		return `${name.includes('API_KEY') ? 'SK' : name.includes('SERVICE') ? 'MG' : 'AC'}${'0'.repeat(32)}`;
	return name === 'API_KEY_SHA256' ? '0'.repeat(64) : `sp_value_of_${name}`;
}

describe('the schema for editors', () => {
	let app: FastifyInstance;
	let url: string;
	beforeAll(async () => {
		app = fastify({
			ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
		});
		app.post('/', { schema: { body: configJsonSchema() } }, () => 'taken');
		url = await app.listen({ host: '127.0.0.1', port: 0 });
	});
	afterAll(() => app.close());

	/** The mistakes that the schema finds in a config; undefined if it finds none. */
	async function refusal(config: object): Promise<string | undefined> {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(config),
		});
		return response.ok ? undefined : await response.text();
	}
	const base = { api_keys: [{ name: 'n8n', key: KEY }] };

	it('takes the example, and variables in the place of texts', async () => {
		expect(await refusal(Object(parseYaml(example)) as object)).toBeUndefined();
		expect(
			await refusal({ ...base, log_level: '${LOG_LEVEL}', public_url: '${URL}' }),
		).toBeUndefined();
	});

	it.each([
		['a name that there is not', { retentoin: {} }],
		['a value out of bounds', { loop_limit: 1_001 }],
		['a value of another kind', { backpressure: { max_pending: '5' } }],
		[
			'a setting of another service',
			{ connections: [{ name: 'a', channel: 'slack', smtp: { host: 'x' } }] },
		],
		[
			'a connection without what its service needs',
			{ connections: [{ name: 'a', channel: 'sms', twilio: {} }] },
		],
		[
			'an event that there is not',
			{ endpoints: [{ name: 'a', url: 'https://a.example', events: ['no'] }] },
		],
	])('refuses %s, as the runner does', async (_case, part) => {
		const config = { ...base, ...part };
		expect(await refusal(config)).toBeDefined();
		expect(() => parseConfig(JSON.stringify(config), 'x', {})).toThrow();
	});
});
