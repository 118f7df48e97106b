import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../runner/config/load.ts';
import { IMAGE } from '../../runner/published.ts';
import { configFile, envFile, newSecrets } from '../../runner/cli/init/templates/index.ts';
import { debianProgram } from '../support/debian-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Service {
	readonly image: string;
	readonly profiles?: readonly string[];
	readonly command?: string[] | string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly ports?: readonly unknown[];
	readonly volumes?: readonly unknown[];
	readonly healthcheck?: { readonly test?: readonly string[] };
	readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
	readonly read_only?: boolean;
	readonly init?: boolean;
	readonly cap_drop?: readonly string[];
	readonly security_opt?: readonly string[];
	readonly stop_grace_period?: string;
	readonly mem_limit?: string;
}

/** A folder with a compose file and the files beside it. */
function project(file: string, env: string): string {
	const folder = temporaryDirectory('compose');
	cpSync(file, join(folder, file));
	cpSync('deploy', join(folder, 'deploy'), { recursive: true });
	writeFileSync(join(folder, '.env'), env);
	return folder;
}

/** The file as Docker Compose understands it, with every variable filled in. Throws if it does not. */
function composed(folder: string, file: string, ...profiles: readonly string[]) {
	const program = debianProgram({ program: 'docker-compose', package: 'docker-compose' });
	const args = ['--file', file, ...profiles.flatMap((name) => ['--profile', name]), 'config'];
	const env = { PATH: process.env['PATH'] };
	const text = execFileSync(program, args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
	// Its own output.
	return parse(text) as { readonly services: Readonly<Record<string, Service>> };
}

const hardened = {
	read_only: true,
	init: true,
	cap_drop: ['ALL'],
	security_opt: ['no-new-privileges:true'],
	stop_grace_period: '30s',
	mem_limit: '1g',
};

describe('compose.yaml', () => {
	it('is the runner alone, without rights that it does not need, and only for this machine', () => {
		const folder = project('compose.yaml', envFile(newSecrets()));
		writeFileSync(join(folder, 'sureping.yaml'), configFile({ allowHosts: [], hosts: [] }));
		const { services } = composed(folder, 'compose.yaml');
		expect(Object.keys(services)).toEqual(['sureping']);
		expect(services['sureping']).toMatchObject({ ...hardened, image: IMAGE });
		expect(JSON.stringify(services['sureping']!.ports)).toMatch(/127\.0\.0\.1.*8477/);
	});

	it('has the health check of the image', () => {
		const dockerfile = readFileSync('Dockerfile', 'utf8');
		const inImage = /HEALTHCHECK[^\n]*\n\s*CMD (\[.*\])/.exec(dockerfile)?.[1] ?? '';
		// Our own files.
		const { services } = parse(readFileSync('compose.yaml', 'utf8')) as {
			services: { sureping: Service };
		};
		expect(services.sureping.healthcheck?.test).toEqual(['CMD', ...(JSON.parse(inImage) as [])]);
	});
});

describe('compose.n8n.yaml', () => {
	it('gets its secrets by a script, new ones each time, and never twice', () => {
		const [one, other] = [1, 2].map(() => {
			const folder = project('compose.n8n.yaml', '');
			rmSync(join(folder, '.env'));
			cpSync('.env.example', join(folder, '.env.example'));
			const script = join(folder, 'deploy/n8n/env.sh');
			execFileSync(script, { stdio: 'pipe' });
			expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
			expect(() => execFileSync(script, { stdio: 'pipe' })).toThrow(/is there already/);
			expect(composed(folder, 'compose.n8n.yaml').services).toHaveProperty('n8n');
			return secretsIn(readFileSync(join(folder, '.env'), 'utf8'));
		});
		expect(one).toHaveLength(6);
		expect(new Set([...one!, ...other!]).size).toBe(12);
	});

	const secretsIn = (text: string): string[] => text.match(/(?<==)[0-9a-f]{64}$/gm) ?? [];

	const filled = (): string =>
		readFileSync('.env.example', 'utf8').replaceAll(/^(\w+)=$/gm, (_, name: string) => {
			return `${name}=secret-of-${name.toLowerCase()}`;
		});

	it('needs every secret, and .env.example has none', () => {
		const empty = project('compose.n8n.yaml', readFileSync('.env.example', 'utf8'));
		expect(() => composed(empty, 'compose.n8n.yaml')).toThrow(/is empty in \.env/);
		for (const name of filled().matchAll(/^(\w+)=secret-of-.*$/gm)) {
			const folder = project('compose.n8n.yaml', filled().replace(name[0], `${name[1]}=`));
			expect(() => composed(folder, 'compose.n8n.yaml')).toThrow(/is empty in \.env/);
		}
	});

	it('starts n8n after its nodes and its database, and then gives it the credential', () => {
		const { services } = composed(project('compose.n8n.yaml', filled()), 'compose.n8n.yaml');
		const always = Object.keys(services).filter((name) => !services[name]!.profiles);
		expect(always.sort()).toEqual([
			...['n8n', 'n8n-credential', 'n8n-nodes', 'postgres', 'sureping'],
		]);
		expect(services['n8n']!.depends_on).toEqual({
			'n8n-nodes': { condition: 'service_completed_successfully' },
			postgres: { condition: 'service_healthy' },
		});
		expect(services['n8n-credential']!.depends_on).toEqual({
			n8n: { condition: 'service_healthy' },
		});
		expect(services['n8n']!.environment).toMatchObject({
			N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
			WEBHOOK_URL: 'http://n8n:5678/',
			DB_POSTGRESDB_USER: 'n8n',
		});
		expect(services['sureping']).toMatchObject({ ...hardened, image: IMAGE });
		const ports = always.flatMap((name) => services[name]!.ports ?? []);
		expect(ports.map((port) => JSON.stringify(port))).toEqual([
			expect.stringContaining('127.0.0.1'),
			expect.stringContaining('127.0.0.1'),
		]);
	});

	it('gives each service its own secrets alone', () => {
		const { services } = composed(project('compose.n8n.yaml', filled()), 'compose.n8n.yaml');
		const secretsOf = (name: string): string[] =>
			Object.values(services[name]!.environment ?? {})
				.flatMap((value) => /^secret-of-(.*)/.exec(value)?.[1] ?? [])
				.sort();
		expect(secretsOf('n8n')).toEqual(['n8n_db_password', 'n8n_encryption_key']);
		expect(secretsOf('sureping')).toEqual([
			...['callback_secret', 'sureping_db_password', 'sureping_key'],
		]);
		expect(secretsOf('n8n-nodes')).toEqual([]);
	});

	it('has a worker, a webhook processor and a way in from outside for those who ask for them', () => {
		const folder = project('compose.n8n.yaml', filled());
		const { services } = composed(folder, 'compose.n8n.yaml', 'worker', 'caddy');
		const asked = (profile: string): string[] =>
			Object.keys(services).filter((name) => services[name]!.profiles?.includes(profile));
		expect(asked('worker').sort()).toEqual(['n8n-webhook', 'n8n-worker', 'redis']);
		expect(asked('caddy')).toEqual(['caddy']);
		const commands = Object.values(services).map(({ command }) => command);
		expect(commands).toEqual(expect.arrayContaining(['worker', 'webhook']));
		expect(JSON.stringify(services['caddy']!.ports)).toMatch(/443/);
		expect(services['n8n-worker']!.environment).toEqual(services['n8n']!.environment);
	});

	it('has a config that the runner takes, with PostgreSQL and n8n as a host it may call', () => {
		const folder = project('compose.n8n.yaml', filled());
		const { services } = composed(folder, 'compose.n8n.yaml');
		const config = parseConfig(
			readFileSync('deploy/n8n/sureping.yaml', 'utf8'),
			'sureping.yaml',
			services['sureping']!.environment!,
		);
		expect(config.warnings).toEqual([]);
		expect(config.store).toBe(
			'postgres://sureping:secret-of-sureping_db_password@postgres:5432/sureping',
		);
		expect(config.security.allow_hosts).toEqual(['n8n']);
	});
});

describe('the Caddyfile', () => {
	it('is valid, and shows of the runner only what others have to reach', () => {
		const caddy = debianProgram({ program: 'caddy', package: 'caddy' });
		const args = ['--config', 'deploy/n8n/Caddyfile', '--adapter', 'caddyfile'];
		const home = temporaryDirectory('caddy');
		const env = { PATH: process.env['PATH'], HOME: home, DOMAIN: 'n8n.example.com' };
		execFileSync(caddy, ['validate', ...args], { env, stdio: 'pipe' });
		const adapted = execFileSync(caddy, ['adapt', ...args], { env, stdio: 'pipe' }).toString();
		expect(adapted).toContain('n8n.example.com');
		const ofTheRunner = routes(JSON.parse(adapted)).filter(({ to }) =>
			to.includes('sureping:8477'),
		);
		expect(ofTheRunner).toEqual([{ paths: ['/inbound/*'], to: ['sureping:8477'] }]);
	});
});

interface Route {
	readonly paths: readonly string[];
	readonly to: readonly string[];
}

/** The proxies of Caddy's JSON, wherever they are in it, each with the paths of the nearest matcher around it. */
function routes(node: unknown, paths: readonly string[] = []): Route[] {
	if (Array.isArray(node)) return node.flatMap((child) => routes(child, paths));
	if (typeof node !== 'object' || node === null) return [];
	const { match, handler, upstreams } = node as {
		match?: { path?: string[] }[];
		handler?: string;
		upstreams?: { dial: string }[];
	};
	if (handler === 'reverse_proxy')
		return [{ paths, to: (upstreams ?? []).map(({ dial }) => dial) }];
	const here = match?.flatMap(({ path = [] }) => path) ?? [];
	return Object.values(node).flatMap((child) => routes(child, here.length > 0 ? here : paths));
}
