import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { demoConfig } from '../../runner/config/demo.ts';
import { parseConfig } from '../../runner/config/load.ts';
import { IMAGE, PUBLISHED } from '../../runner/published.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FILES = {
	coolify: 'deploy/coolify/sureping.yaml',
	caprover: 'deploy/caprover/sureping.yml',
	unraid: 'deploy/unraid/sureping.xml',
} as const;

const text = (name: keyof typeof FILES): string => readFileSync(FILES[name], 'utf8');

describe.each([...Object.values(FILES), 'deploy/helm/n8n-sidecar.values.yaml', 'compose.n8n.yaml'])(
	'%s',
	(file) => {
		it('names the image of this version', () => {
			expect(readFileSync(file, 'utf8')).toContain(IMAGE);
		});
	},
);

describe.each(Object.values(FILES))('%s', (file) => {
	it('says how to build the image for as long as it is not published', () => {
		const builds = readFileSync(file, 'utf8').includes('docker build');
		expect(builds).toBe(!PUBLISHED);
	});
});

describe('the template of Coolify', () => {
	it('has the header that Coolify reads', () => {
		const header = Object.fromEntries(
			[...text('coolify').matchAll(/^# (\w+): (.+)$/gm)].map(([, name, value]) => [name, value]),
		);
		expect(header).toMatchObject({
			documentation: expect.stringMatching(/^https:/),
			slogan: expect.stringMatching(/\.$/),
			category: 'automation',
			tags: expect.stringMatching(/^[\w,]+$/),
			logo: 'svgs/sureping.svg',
			port: '8477',
		});
	});

	it('makes the secrets by Coolify’s variables, and its config is one that the runner takes', () => {
		// Our own file.
		const { services } = parse(text('coolify')) as {
			services: { sureping: { environment: string[]; volumes: (string | { content: string })[] } };
		};
		const { environment, volumes } = services.sureping;
		expect(environment[0]).toBe('SERVICE_URL_SUREPING_8477');
		const given: Record<string, string> = {
			SERVICE_URL_SUREPING: 'https://ping.example.com',
			SERVICE_PASSWORD_64_KEY: 'k'.repeat(64),
			SERVICE_PASSWORD_64_CALLBACKS: 'c'.repeat(64),
		};
		const variables = Object.fromEntries(
			environment.slice(1).map((line) => {
				const [name = '', value = ''] = line.split('=');
				return [name, value.replace(/^\$(\w+)$/, (_, known: string) => given[known] ?? 'unknown')];
			}),
		);
		const file = volumes.find((volume) => typeof volume !== 'string')!;
		const { apiKeys, publicUrl, warnings } = parseConfig(file.content, 'c', variables);
		expect(publicUrl?.toString()).toMatch(/^https:\/\/ping\.example\.com/);
		expect(apiKeys[0]?.webhookSecret).toBe('c'.repeat(64));
		expect(warnings).toEqual([]);
	});
});

interface CapRover {
	readonly captainVersion: number;
	readonly services: Record<string, { image: string; environment: Record<string, string> }>;
	readonly caproverOneClickApp: {
		readonly variables: readonly {
			id: string;
			label: string;
			defaultValue: string;
			validRegex: string;
		}[];
		readonly instructions: { readonly start: string; readonly end: string };
		readonly description: string;
	};
}

describe('the app of CapRover', () => {
	// Our own file.
	const app = parse(text('caprover')) as CapRover;

	it('passes the checks of CapRover’s own validate_apps.js', () => {
		expect(app.captainVersion).toBe(4);
		const { description, instructions } = app.caproverOneClickApp;
		expect(description.length).toBeLessThanOrEqual(200);
		expect(instructions).toEqual({ start: expect.any(String), end: expect.any(String) });
	});

	it('declares every variable that it uses, each with a default that it accepts', () => {
		const builtIn = ['$$cap_appname', '$$cap_root_domain', '$$cap_gen_random_hex'];
		const declared = app.caproverOneClickApp.variables.map(({ id }) => id);
		const used = new Set(text('caprover').match(/\$\$cap_\w+/g));
		expect([...used].filter((name) => ![...builtIn, ...declared].includes(name))).toEqual([]);
		for (const { defaultValue, validRegex } of app.caproverOneClickApp.variables) {
			expect(defaultValue).toMatch(new RegExp(validRegex.slice(1, -1)));
		}
	});

	it('starts a runner with the key that it shows, by the environment alone', () => {
		const values = new Map(
			app.caproverOneClickApp.variables.map(({ id, defaultValue }) => [id, defaultValue]),
		);
		values.set('$$cap_key', 'f'.repeat(48));
		values.set('$$cap_appname', 'ping').set('$$cap_root_domain', 'apps.example.com');
		const filled = (value: string): string =>
			value.replace(/\$\$cap_[a-z_0-9]*[a-z0-9]/g, (name) => values.get(name) ?? name);
		const [service] = Object.values(app.services);
		const environment = Object.fromEntries(
			Object.entries(service!.environment).map(([name, value]) => [name, filled(value)]),
		);
		const { config, key } = demoConfig(temporaryDirectory('caprover'), environment);
		expect(key).toBeUndefined();
		expect(config.security.allow_hosts).toEqual(['srv-captain--n8n']);
		expect(config.publicUrl?.toString()).toMatch(/^https:\/\/ping\.apps\.example\.com/);
		expect(config.warnings).toEqual([]);
	});
});

describe('the template of Unraid', () => {
	const element = (name: string): string =>
		new RegExp(`<${name}>([^<]+)</${name}>`).exec(text('unraid'))?.[1] ?? '';
	const settings = [...text('unraid').matchAll(/<Config ([^>]*)>([^<]*)<\/Config>/g)].map(
		([, attributes = '', value = '']) => ({
			...Object.fromEntries(
				[...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, of]) => [name, of]),
			),
			value,
		}),
	) as { readonly Type: string; readonly Target: string; readonly value: string }[];

	it('has what Community Applications asks for', () => {
		for (const name of ['Name', 'Support', 'Project', 'Overview', 'Category', 'Network', 'WebUI']) {
			expect([name, element(name)]).toEqual([name, expect.stringMatching(/\S/)]);
		}
		expect(element('Repository')).toBe(IMAGE);
		expect(element('Privileged')).toBe('false');
		const path = new URL(element('Icon')).pathname.split('/main/')[1] ?? '';
		expect(statSync(join(process.cwd(), path)).size).toBeGreaterThan(1000);
	});

	it('maps the port and the volume of the image, and settings that the runner takes', () => {
		const targets = settings.map(({ Type, Target }) => [Type, Target]);
		expect(targets).toEqual([
			['Port', '8477'],
			['Path', '/data'],
			['Variable', 'SUREPING_SECURITY__ALLOW_HOSTS'],
		]);
		const environment = { [settings[2]!.Target]: settings[2]!.value };
		const { config } = demoConfig(temporaryDirectory('unraid'), environment);
		expect(config.security.allow_hosts).toEqual(['n8n']);
	});
});
