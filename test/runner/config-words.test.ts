import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNELS } from '@sureping/engine';
import type { Config } from '../../runner/config/config.ts';
import { loadConfig, parseConfig } from '../../runner/config/load.ts';
import { CONNECTIONS } from '../support/connection-settings.ts';
import { CONFIG_PATHS, SERVICE_PATHS } from '../support/schema-paths.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEYS = [{ name: 'n8n', key: 'sp_test_key_0123456789' }];
/** Words that no sentence of ours has: those of the schema library, of system calls, of JavaScript. */
const RAW =
	/Invalid |Unrecognized|Too (small|big)|expected \w+, received|pattern|undefined|\[object|E[A-Z]{4,}|Error/;

type Environment = Record<string, string>;

function linesFor(load: () => Config): readonly string[] {
	try {
		load();
		return [];
	} catch (error) {
		// A ConfigError's.
		if (error instanceof Error && 'issues' in error) return error.issues as string[];
		throw error;
	}
}
const lines = (config: unknown, environment: Environment = {}): readonly string[] =>
	linesFor(() => parseConfig(JSON.stringify(config), 'test.json', environment));
const ofText = (text: string): readonly string[] =>
	linesFor(() => parseConfig(text, 'test.yaml', {}));
const warnings = (config: object, environment: Environment = {}): readonly string[] =>
	parseConfig(JSON.stringify({ api_keys: KEYS, ...config }), 'test.json', environment).warnings;

/** A config whose setting at a path such as `inbound[].secret` has this value, and nothing else but a good key. */
function configWith(path: string, value: unknown): Record<string, unknown> {
	const built = path
		.split('.')
		.reverse()
		.reduce<unknown>((below, part) => {
			const isList = part.endsWith('[]');
			return { [part.replace('[]', '')]: isList ? [below] : below };
		}, value);
	// An object, since a path has at least one part.
	return { api_keys: KEYS, ...(built as object) };
}

const toLine = (path: string): string => path.replaceAll('[]', '.0');

describe.each(CONFIG_PATHS)('the setting %s', (path) => {
	it.each([[7e9], ['nonsense'], [[[]]], [null], [true], [{ nonsense: 1 }]])(
		'is explained in words where it is %j',
		(value) => {
			for (const line of lines(configWith(path, value))) {
				expect(line).not.toMatch(RAW);
				expect(line).toMatch(/^[\w.]+: \S/);
			}
		},
	);

	it('is suggested where it is misspelt, and missed nowhere else', () => {
		const misspelt = `${path}q`;
		const found = lines(configWith(misspelt, 1));
		// A channel's own settings are told from its connection's only once there is a channel.
		if (path.startsWith('connections[].')) return;
		const meant = path.split('.').at(-1);
		expect(found).toContain(`${toLine(misspelt)}: is not a known field; did you mean "${meant}"?`);
		expect(found.filter((line) => line.startsWith(`${toLine(path)}: `))).toEqual([]);
	});
});

const SERVICES = [...SERVICE_PATHS].flatMap(([service, paths]) =>
	service === 'console console' ? [] : [{ service, paths }],
);

describe.each(SERVICES)('a connection of $service', ({ service, paths }) => {
	const [channel = ''] = service.split(' ');
	const good = CONNECTIONS[service];
	const of = (settings: object): readonly string[] =>
		lines({ api_keys: KEYS, connections: [{ name: 'one', channel, ...good, ...settings }] });

	it('can be opened as it is here', () => {
		expect(good).toBeDefined();
		expect(of({})).toEqual([]);
	});

	it('is explained in words, whatever is wrong with a setting', () => {
		for (const path of paths) {
			const [top = '', below] = path.split('.');
			for (const value of [7e9, '', ['x'], true, { nonsense: 1 }, null]) {
				// Not null, which a setting may be in a file.
				const before = (good?.[top] ?? {}) as object;
				const setting = below === undefined ? value : { ...before, [below]: value };
				for (const line of of({ [top]: setting })) {
					expect(line).not.toMatch(RAW);
					expect(line).toMatch(/^connections\.0[\w.]*: \S/);
				}
			}
		}
	});

	it('has its settings suggested where they are misspelt, beside those of every connection', () => {
		for (const path of paths.filter((one) => !one.includes('.'))) {
			const { [path]: value = 'x', ...others } = good ?? {};
			const connection = { name: 'one', channel, ...others, [`${path}_s`]: value };
			const found = lines({ api_keys: KEYS, connections: [connection] });
			expect(found).toContain(
				`connections.0.${path}_s: is not a known field; did you mean "${path}"?`,
			);
		}
		expect(of({ concurency: 3 })).toEqual([
			'connections.0.concurency: is not a known field; did you mean "concurrency"?',
		]);
	});
});

describe('one line for each cause', () => {
	it('is what the README’s config gets in an empty environment', () => {
		const config = {
			api_keys: [{ name: 'n8n', key: '${SUREPING_KEY}', webhook_secret: '${CALLBACK_SECRET}' }],
			connections: [
				{ name: 'a', channel: 'slack', webhook_url: '${SLACK_WEBHOOK_URL}' },
				{ name: 'b', channel: 'discord', webhook_url: '${DISCORD_WEBHOOK_URL}' },
				{
					name: 'c',
					channel: 'sms',
					twilio: { account_sid: '${TWILIO_SID}', auth_token: '${TWILIO_TOKEN}' },
					from: '+15005550006',
				},
			],
			inbound: [{ provider: 'twilio', connection: 'c', secret: '${TWILIO_TOKEN}' }],
			endpoints: [{ name: 'd', url: 'https://example.com/', secret: '${AUDIT_SECRET}' }],
		};
		expect(lines(config)).toEqual([
			'api_keys.0.key: SUREPING_KEY is not set',
			'api_keys.0.webhook_secret: CALLBACK_SECRET is not set',
			'connections.0.webhook_url: SLACK_WEBHOOK_URL is not set',
			'connections.1.webhook_url: DISCORD_WEBHOOK_URL is not set',
			'connections.2.twilio.account_sid: TWILIO_SID is not set',
			'connections.2.twilio.auth_token, inbound.0.secret: TWILIO_TOKEN is not set',
			'endpoints.0.secret: AUDIT_SECRET is not set',
		]);
	});

	it.each([
		[
			'a misspelt setting that is needed',
			{ api_key: KEYS },
			['api_key: is not a known field; did you mean "api_keys"?'],
		],
		[
			'a misspelt channel',
			{ api_keys: KEYS, connections: [{ name: 'a', chanel: 'console' }] },
			['connections.0.chanel: is not a known field; did you mean "channel"?'],
		],
		[
			'a channel that is none',
			{ api_keys: KEYS, connections: [{ name: 'a', channel: 'slak' }] },
			[
				expect.stringMatching(
					/^connections\.0\.channel: is not a channel; .* did you mean "slack"\?$/,
				),
			],
		],
		[
			'a provider that is none',
			{ api_keys: KEYS, inbound: [{ provider: 'stripes', connection: 'a', secret: 'x' }] },
			[
				expect.stringMatching(
					/^inbound\.0\.provider: is not a provider; .* did you mean "stripe"\?$/,
				),
			],
		],
		[
			'a number for a key',
			{ api_keys: [{ name: 'n8n', key: 1234567890123456 }] },
			['api_keys.0.key: must be a string, not a number; put it in quotes'],
		],
		['nothing', {}, [expect.stringMatching(/^api_keys: is needed: at least one key, such as /)]],
		[
			'two of a name',
			{ api_keys: [...KEYS, { ...KEYS[0], key: 'sp_another_key_0123456789' }] },
			['api_keys.1.name: n8n is listed twice'],
		],
		[
			'a URL that nothing can call',
			{ api_keys: KEYS, connections: [{ name: 'a', channel: 'webhook', url: 'ftp://x/' }] },
			['connections.0.url: must begin with https:// or http://'],
		],
	])('is what %s gets', (_name, config, expected) => {
		expect(lines(config)).toEqual(expected);
	});

	it('names the variable that took a setting’s place, or that is empty', () => {
		const config = { api_keys: [{ name: 'n8n', key: '${KEY}' }] };
		expect(lines(config, { KEY: '' })).toEqual(['api_keys.0.key: KEY is empty']);
		expect(lines({ api_keys: KEYS }, { SUREPING_API_KEYS: 'abc' })).toEqual([
			'api_keys: must be a list, not a string (as SUREPING_API_KEYS has it)',
		]);
		expect(lines({ api_keys: KEYS }, { SUREPING_API_KEYS__ONE: 'abc' })).toEqual([
			'SUREPING_API_KEYS__ONE: "one" is not an index of the list, which starts at 0; the next one is 1',
		]);
	});

	it('names the file of a secret that cannot be read, and what is the matter with it', () => {
		const config = { api_keys: [{ name: 'n8n', key: '${KEY}' }] };
		const dir = temporaryDirectory('words');
		expect(lines(config, { KEY_FILE: join(dir, 'none') })).toEqual([
			`api_keys.0.key: KEY_FILE names "${join(dir, 'none')}", which cannot be read: there is no such file or folder`,
		]);
		expect(lines(config, { KEY_FILE: dir })).toEqual([
			`api_keys.0.key: KEY_FILE names "${dir}", which cannot be read: it is a folder, not a file`,
		]);
	});
});

describe('a config file', () => {
	const dir = temporaryDirectory('words');
	const fileOf = (content: string | Buffer): string => {
		const file = join(dir, 'config.yaml');
		writeFileSync(file, content);
		return file;
	};
	const ofFile = (file: string): readonly string[] => linesFor(() => loadConfig(file, {}));

	it.each([
		['nothing', '', /^it is empty; at the least it needs api_keys: /],
		['nothing but a comment', '# later\n', /^it holds no settings; .* such as api_keys: /],
		['a text', 'hello\n', /^it holds no settings/],
		['a list', '- a\n', /^it holds no settings/],
		['tabs', 'api_keys:\n\t- name: x\n', /^line 2, column 1: YAML is indented with spaces/],
		['JSON with comments', '{ // mine\n "api_keys": [] /* x */ }', /^JSON has no comments/],
		[
			'a setting twice',
			'api_keys: []\napi_keys: []\n',
			/^line 2, .*: `api_keys` occurs twice; keep one of them$/,
		],
		[
			'a secret twice',
			'a:\n  s3cret: 1\n  s3cret: 1\n',
			/^line 3, column 3: a setting occurs twice/,
		],
		['two documents', 'api_keys: []\n---\na: 1\n', /^line 2, .*more than one document/],
		['an open quote', 'store: "sqlite:x\n', /a quote, a bracket, a comma/],
		['UTF-16', Buffer.from('\ufeffa: 1\n', 'utf16le'), /^it is UTF-16; save it as UTF-8$/],
		['Latin-1', Buffer.from('a: \xe9\n', 'latin1'), /^it is not UTF-8 text$/],
	])('with %s is refused in one line', (_name, content, expected) => {
		expect(ofFile(fileOf(content))).toEqual([expect.stringMatching(expected)]);
	});

	it.each([
		'*s3cret',
		'&s3cret',
		'!s3cret',
		'@s3cret',
		'`s3cret',
		'%s3cret',
		'"s3cret',
		'[s3cret',
		'{s3cret',
		'}s3cret',
		's3cret: s3cret',
	])('repeats nothing of a secret that is written as %s', (secret) => {
		const found = ofText(`api_keys: [{ name: n8n, key: ${secret} }]\n`);
		expect(found.length).toBeGreaterThan(0);
		expect(found.join('\n')).not.toContain('s3cret');
	});

	it('that is none is told apart from one that may not be read', () => {
		expect(ofFile(join(dir, 'none.yaml'))).toEqual(['there is no such file or folder']);
		expect(ofFile('')).toEqual(['no file is named; give its path after --config']);
		mkdirSync(join(dir, 'folder'), { recursive: true });
		expect(ofFile(join(dir, 'folder'))).toEqual(['it is a folder, not a file']);
		const locked = fileOf('api_keys: []\n');
		chmodSync(locked, 0o000);
		// Root reads everything.
		const expected = process.getuid?.() === 0 ? /^api_keys: / : /^this user may not use it/;
		expect(ofFile(locked)).toEqual([expect.stringMatching(expected)]);
		chmodSync(locked, 0o600);
	});

	it('with names of other forms has what is meant', () => {
		expect(ofText('apiKeys: [{ name: n8n, key: sp_test_key_0123456789 }]\n')).toEqual([
			'apiKeys: is not a known field; did you mean "api_keys"?',
		]);
	});
});

describe('a warning', () => {
	const webhooks = CHANNELS.filter(({ services }) =>
		services.some(({ key }) => key === 'webhook_url'),
	).map(({ id }) => id);

	it.each(webhooks)('is given of a URL that is not %s’s', (channel) => {
		const url = 'http://not-slack.example/webhooks/1/x';
		const told = warnings({ connections: [{ name: 'a', channel, webhook_url: url }] });
		expect(told).toContainEqual(
			expect.stringMatching(/^connections\.0\.webhook_url: points to not-slack\.example, not to /),
		);
		expect(told).toContainEqual(expect.stringMatching(/goes to not-slack\.example unencrypted/));
		expect(told.join()).not.toContain('/1/x');
	});

	it('is given of every URL that carries secrets unencrypted, and of none in the own network', () => {
		const connections = [
			{ name: 'a', channel: 'webhook', url: 'http://example.com/' },
			{ name: 'b', channel: 'slack', bot_token: 'x', base_url: 'http://slack.example.com' },
			{ name: 'c', channel: 'webhook', url: 'http://127.0.0.1/' },
			{ name: 'd', channel: 'webhook', url: 'http://n8n:5678/' },
			{ name: 'e', channel: 'webhook', url: 'http://10.0.0.8/' },
		];
		const endpoints = [{ name: 'f', url: 'http://example.com/x', secret: 'whsec_0123456789' }];
		expect(warnings({ connections, endpoints }).map((line) => line.split(':')[0])).toEqual([
			'connections.0.url',
			'connections.1.base_url',
			'endpoints.0.url',
		]);
		expect(warnings({ connections: Object.values(CONNECTIONS).map(named) })).toEqual([]);
	});

	it('is given of a variable that is near to a setting’s and has no effect', () => {
		expect(
			warnings({}, { SUREPING_PUBLIC_URLS: 'x', SUREPING_KEY: 'x', SUREPING_URL: 'y' }),
		).toEqual(['SUREPING_PUBLIC_URLS is ignored; the setting is SUREPING_PUBLIC_URL']);
	});
});

function named(settings: object, i: number): object {
	const [service = ''] = Object.entries(CONNECTIONS).find(([, one]) => one === settings) ?? [];
	return { name: `c${i}`, channel: service.split(' ')[0], ...settings };
}
