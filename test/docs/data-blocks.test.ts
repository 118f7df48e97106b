import {
	escalatedSendSchema,
	feedEventSchema,
	forwardedEventSchema,
	operationalEventSchema,
	sendRequestSchema,
} from '@sureping/engine';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod/v4';
import { parseConfig } from '../../runner/config/load.ts';
import { problemSchema } from '../../runner/http/response-schemas.ts';
import { type Block, BLOCKS } from '../support/pages.ts';
import { CONFIG_PATHS } from '../support/schema-paths.ts';

const ofLanguage = (language: string): [string, Block][] =>
	BLOCKS.filter((block) => block.language === language).map((block) => [block.place, block]);

it('every block says its language', () => {
	const languages = new Set(['sh', 'yaml', 'json', 'ts', 'text', 'http']);
	const others = BLOCKS.filter(({ language }) => !languages.has(language));
	expect(others.map(({ place }) => place)).toEqual([]);
});

describe('a block of JSON', () => {
	/** Kinds of blocks, by a member that only they have. An n8n item is checked with the TypeScript. */
	const KINDS: Readonly<Record<string, z.ZodType>> = {
		escalation: escalatedSendSchema,
		channels: sendRequestSchema,
		title: problemSchema,
		raw: forwardedEventSchema,
		delivery_id: feedEventSchema,
		disabled_reason: operationalEventSchema,
	};

	it.each(ofLanguage('json'))('%s is what it shows', (_place, { text }) => {
		const value: unknown = JSON.parse(text);
		if (typeof value !== 'object' || value === null) throw new Error('It is no object');
		if ('eventId' in value) return;
		const [, schema] = Object.entries(KINDS).find(([member]) => member in value) ?? [];
		if (!schema) throw new Error('No schema is known for it: add it to KINDS');
		expect(schema.safeParse(value).error).toBeUndefined();
	});
});

/** A value that a variable could have, by its name. */
function valueOf(name: string): string {
	// Slack's own form is not asked for, and Discord's is.
	if (/URL/.test(name)) return 'https://discord.com/api/webhooks/1/x';
	return name === 'TWILIO_SID' ? `AC${'0'.repeat(32)}` : `sp_value_of_${name}`;
}

/** Connections that snippets without their own refer to. */
const CONNECTIONS = [
	{ name: 'ops', channel: 'slack', webhook_url: 'https://hooks.slack.com/services/T0/B0/x' },
	{ name: 'mail', channel: 'email', resend: { api_key: 'x' }, from: 'ops@example.com' },
];

/** A snippet as the config file that it is a part of. */
function asConfig(snippet: object): object {
	const inbound = [{ provider: 'generic', connection: 'hooks', secret: 'x', ...snippet }];
	return {
		public_url: 'https://ping.example.com',
		api_keys: [{ name: 'n8n', key: '0123456789abcdef' }],
		connections: CONNECTIONS,
		...('generic' in snippet ? { inbound } : snippet),
	};
}

const SETTINGS = new Set(CONFIG_PATHS.filter((path) => !/[.[]/.test(path)).concat('generic'));

const isConfig = (value: object): boolean => Object.keys(value).some((key) => SETTINGS.has(key));

function readYaml(text: string): object {
	const value: unknown = parseYaml(text);
	if (typeof value !== 'object' || value === null) throw new Error('It is no mapping');
	// Lines to add below `connections:`.
	return Array.isArray(value) ? { connections: value } : value;
}

describe('a block of YAML', () => {
	it.each(ofLanguage('yaml'))('%s works as it stands', (place, { text }) => {
		const value = readYaml(text);
		if (!isConfig(value)) {
			expect(Object.keys(value)).toEqual(['groups']);
			return;
		}
		const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
		const environment = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
		const source = JSON.stringify(asConfig(value));
		expect(() => parseConfig(source, place, environment)).not.toThrow();
	});
});

describe('the configurations that pages show', () => {
	const shown = (page: string, start: string): ReturnType<typeof parseConfig> => {
		const block = BLOCKS.find((one) => one.page === page && one.text.startsWith(start));
		if (!block) throw new Error(`${page} has no block that starts with ${start}`);
		const names = [...block.text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
		const environment = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
		return parseConfig(JSON.stringify(asConfig(readYaml(block.text))), page, environment);
	};

	it('have what they are shown for', () => {
		const config = shown('README.md', 'api_keys:');
		expect(config.catalog.map(({ channel, name }) => `${channel}:${name}`)).toContain('email:mail');
		expect(shown('docs/runner/configuration.md', 'api_keys:').endpoints).toHaveLength(1);

		const receiving = shown('docs/runner/inbound.md', 'public_url:');
		expect(receiving.inbound.map(({ isOurs, forward }) => ({ isOurs, forward }))).toEqual([
			{ isOurs: true, forward: false },
			{ isOurs: false, forward: true },
		]);
		expect(shown('docs/reference/providers.md', 'inbound:').inbound).toHaveLength(1);
	});

	it('name settings that there are', () => {
		const wrong = JSON.stringify(asConfig({ retention: { events_h: 1 } }));
		expect(() => parseConfig(wrong, 'x', {})).toThrow('events_h');
	});
});
