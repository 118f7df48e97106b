import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseConfig } from '../../runner/config/load.ts';
import {
	composeFile,
	configFile,
	type ConfigFacts,
	envFile,
	MADE_BY,
	newSecrets,
	systemdUnit,
} from '../../runner/cli/init/templates/index.ts';
import { deployFiles } from '../../scripts/docs/deploy-files.ts';

const FACTS: ConfigFacts = { allowHosts: ['n8n'], hosts: [] };

/** Removes the "#" of the settings that are only examples; a sentence has one space after it. */
const withExamples = (text: string): string => text.replace(/^( *)#(?! \S)/gm, '$1');

const variablesOf = (text: string): Record<string, string> =>
	Object.fromEntries(
		[...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = '']) => [name, `${name}-0123456789`]),
	);

describe('the files of init', () => {
	it.each(Object.entries(deployFiles()))('are also %s of the repository', (path, text) => {
		// `npm run docs` writes it.
		expect(readFileSync(path, 'utf8')).toBe(text);
	});

	it('begin with the words by which init knows them again', () => {
		const texts = [
			composeFile('n8n'),
			configFile(FACTS),
			envFile(newSecrets()),
			systemdUnit('/etc/x'),
		];
		for (const text of texts) expect(text.startsWith(`${MADE_BY} `)).toBe(true);
	});
});

describe('the config', () => {
	const load = (facts: ConfigFacts, edit = (text: string) => text) => {
		const text = edit(configFile(facts));
		const secret = { SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x' };
		const discord = { DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1/x' };
		return parseConfig(text, 'sureping.yaml', { ...variablesOf(text), ...secret, ...discord });
	};

	it('gives n8n its scopes and has one connection that needs nothing', () => {
		const { apiKeys, catalog, security, publicUrl, warnings } = load(FACTS);
		expect(apiKeys).toMatchObject([{ name: 'n8n', scopes: ['send', 'read', 'endpoints'] }]);
		expect(catalog.map(({ channel, name }) => `${channel}:${name}`)).toEqual(['console:terminal']);
		expect(security.allow_hosts).toEqual(['n8n']);
		expect([publicUrl, warnings]).toEqual([undefined, []]);
	});

	it('has examples of real channels that work once their "#" is removed', () => {
		const { catalog, publicUrl } = load(FACTS, withExamples);
		expect(catalog.map(({ channel }) => channel)).toEqual(
			expect.arrayContaining(['console', 'slack', 'telegram', 'discord', 'email', 'sms']),
		);
		expect(publicUrl).toBe('https://ping.example.com');
	});

	it('names no variable that its .env does not have', () => {
		const env = envFile(newSecrets());
		for (const name of Object.keys(variablesOf(configFile(FACTS)))) {
			if (name !== 'NAME') expect(env).toMatch(new RegExp(`^#?${name}=`, 'm'));
		}
	});

	it.each(['n8n', '127.0.0.1', '::1', 'null', 'true', 'xn--n8n-1qa.example', 'my_n8n', 'off'])(
		'may call the host %s',
		(host) => {
			const { security, hosts } = load({ allowHosts: [host], hosts: [host] });
			expect([security.allow_hosts, hosts]).toEqual([[host], [host]]);
		},
	);

	it.each(["h','metadata.evil", 'h, metadata.evil', "it's", '*'])(
		'writes the host %s as one, whatever is in it',
		(host) => {
			expect(parse(configFile({ allowHosts: [host], hosts: [host] }))).toMatchObject({
				security: { allow_hosts: [host], hosts: [host] },
			});
		},
	);

	it.each(['https://ping.example.com', "https://ping.example.com/it's", 'https://[::1]:8/a?b=c'])(
		'has the public URL %s',
		(publicUrl) => {
			expect(load({ ...FACTS, publicUrl }).publicUrl).toBe(publicUrl);
		},
	);
});

describe('the secrets', () => {
	it('are different every time, long, and fit where they are used', () => {
		const made = Array.from({ length: 50 }, newSecrets);
		const all = made.flatMap(({ key, callbackSecret }) => [key, callbackSecret]);
		expect(new Set(all).size).toBe(100);
		for (const { key, callbackSecret } of made) {
			expect(key).toMatch(/^sp_live_[\w-]{43}$/);
			expect(callbackSecret).toMatch(/^whsec_[\w-]{43}$/);
		}
	});
});

describe('the compose file', () => {
	interface Compose {
		readonly services: { readonly sureping: Record<string, unknown> };
		readonly networks?: unknown;
	}
	// Our own file; the tests state what they expect in it.
	const read = (host: string): Compose => parse(composeFile(host)) as Compose;

	it('leaves the container no rights, one writable volume and the time to end', () => {
		expect(read('n8n').services.sureping).toMatchObject({
			read_only: true,
			cap_drop: ['ALL'],
			security_opt: ['no-new-privileges:true'],
			init: true,
			stop_grace_period: '30s',
			volumes: ['./sureping.yaml:/etc/sureping/sureping.yaml:ro', 'data:/data'],
			healthcheck: { test: ['CMD', 'node', '-e', expect.stringContaining('/readyz')] },
		});
	});

	it('joins the network of an n8n that it is to call by the name of its container', () => {
		expect(read('n8n')).toMatchObject({
			services: { sureping: { networks: ['n8n'] } },
			networks: { n8n: { external: true } },
		});
		for (const host of ['host.docker.internal', 'n8n.example.com', '192.168.1.5', '::1']) {
			expect(read(host).networks).toBeUndefined();
			expect(read(host).services.sureping.networks).toBeUndefined();
		}
	});
});

describe('the unit', () => {
	it('reads the files of its folder, whatever that is called', () => {
		const text = systemdUnit('/srv/100%/sureping');
		expect(text).toContain('\nEnvironmentFile=/srv/100%%/sureping/.env\n');
		expect(text).toContain('\nLoadCredential=sureping.yaml:/srv/100%%/sureping/sureping.yaml\n');
	});

	it('may write to nothing but its own state', () => {
		for (const line of [
			'DynamicUser=yes',
			'StateDirectory=sureping',
			'NoNewPrivileges=yes',
			'ProtectSystem=strict',
			'ProtectHome=yes',
			'CapabilityBoundingSet=',
		]) {
			expect(systemdUnit('/etc/sureping').split('\n')).toContain(line);
		}
	});
});
