// `npm run audit`: the dependencies inside a runner's package, against the registry's advisories. Exits with 1
// for a known vulnerability of high or critical severity. A registry that offers no audit or cannot be reached is no
// failure, but a message says that nothing was checked.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentFor } from './bootstrap/npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const FAILS_FROM = 'high';

const audit = [
	'audit',
	'--workspace=runner',
	'--omit=dev',
	'--omit=peer',
	'--json',
	`--audit-level=${FAILS_FROM}`,
];
const report = read(npm([...audit, ...process.argv.slice(2)]));

if (report?.metadata) {
	const { dependencies, vulnerabilities } = report.metadata;
	for (const line of Object.values(report.vulnerabilities ?? {}).map(describe)) console.log(line);
	console.log(
		`${dependencies.prod} packages audited: ${vulnerabilities.total} with known vulnerabilities, ${vulnerabilities.high + vulnerabilities.critical} of them high or critical`,
	);
	process.exitCode = vulnerabilities.high + vulnerabilities.critical > 0 ? 1 : 0;
} else {
	const reason = report?.message ?? report?.error?.summary ?? 'it did not answer';
	console.log(`Nothing was audited, as the registry offers no audit: ${String(reason).trim()}`);
}

function npm(args) {
	const env = {
		...environmentFor(process.execPath),
		npm_config_fetch_retries: '0',
		npm_config_fetch_timeout: '20000',
	};
	const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
	const script = process.env.npm_execpath;
	return script?.endsWith('.js')
		? spawnSync(process.execPath, [script, ...args], options)
		: spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function read({ stdout }) {
	try {
		return JSON.parse(stdout);
	} catch {
		return undefined;
	}
}

function describe({ name, severity, range, via, fixAvailable }) {
	const titles = via.map((one) => (typeof one === 'string' ? `through ${one}` : one.title));
	return `${severity}: ${name} ${range}: ${titles.join('; ')}${fixAvailable ? ' (a fixed version is there)' : ''}`;
}
