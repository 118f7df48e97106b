import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { cacheDirectory } from '../../../runner/bin/node24.mjs';
import { debianPath, debianProgram } from '../../support/debian-program.ts';

const CHART = 'deploy/helm';
const SOURCE = 'test/deploy/support/chart-renderer.go';

export interface Manifest {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: { readonly name: string };
	// Each test reads what the kind has.
	readonly [member: string]: unknown;
}

/** The values of the chart, as its own file has them. */
export const defaultValues = (): Record<string, unknown> =>
	// Our own file.
	parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown>;

/**
 * The manifests that `helm install RELEASE deploy/helm --namespace NAMESPACE` would send, by Go's templates and sprig, which are
 * Helm's own. Throws what the chart's `fail` says.
 */
export function renderChart(
	values: Readonly<Record<string, unknown>> = {},
	release = 'sureping',
	namespace = 'ops',
): readonly Manifest[] {
	// Our own file; Helm gives its members to templates with a capital letter.
	const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
	const input = {
		Values: merged(defaultValues(), values),
		Chart: Object.fromEntries(
			Object.entries(chart).map(([name, value]) => [name[0]!.toUpperCase() + name.slice(1), value]),
		),
		Release: { Name: release, Namespace: namespace, Service: 'Helm' },
	};
	const output = execFileSync(renderer(), [CHART], {
		input: JSON.stringify(input),
		encoding: 'utf8',
		stdio: 'pipe',
	});
	// Our own program's output: the text of each file.
	const files = Object.entries(JSON.parse(output) as Record<string, string>);
	return files
		.filter(([name]) => name.endsWith('.yaml'))
		.flatMap(([, text]) => parseAllDocuments(text))
		.flatMap((document) => {
			if (document.errors[0]) throw document.errors[0];
			const manifest: unknown = document.toJS();
			// A template that is switched off renders nothing.
			return manifest === null ? [] : [manifest as Manifest];
		});
}

/** As Helm lays given values over the chart's: objects are merged, everything else is replaced. */
export function merged(base: unknown, over: unknown): unknown {
	if (!isObject(base) || !isObject(over)) return over;
	const names = new Set([...Object.keys(base), ...Object.keys(over)]);
	return Object.fromEntries(
		[...names].map((name) => [
			name,
			name in over ? (name in base ? merged(base[name], over[name]) : over[name]) : base[name],
		]),
	);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compiled once for each version of its source, and kept in the cache. */
function renderer(): string {
	const version = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16);
	const program = join(cacheDirectory(), `chart-renderer-${version}`);
	if (existsSync(program)) return program;
	const go = debianProgram({ program: 'go', package: 'golang-go' });
	for (const [folder, name] of LIBRARIES) debianPath(join(GO_PATH, 'src', folder), name);
	mkdirSync(cacheDirectory(), { recursive: true });
	const work = mkdtempSync(join(tmpdir(), 'sureping-chart-'));
	try {
		const built = join(work, 'renderer');
		execFileSync(go, ['build', '-o', built, SOURCE], {
			env: {
				...process.env,
				...{ GO111MODULE: 'off', GOPATH: GO_PATH, GOCACHE: join(work, 'cache'), CGO_ENABLED: '0' },
			},
			stdio: 'pipe',
		});
		execFileSync('cp', [built, `${program}.${process.pid}`]);
		renameSync(`${program}.${process.pid}`, program);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	return program;
}

/** Where Debian keeps Go libraries. */
const GO_PATH = '/usr/share/gocode';

/** Folders of libraries, and their packages. */
const LIBRARIES = [
	['github.com/Masterminds/sprig', 'golang-github-masterminds-sprig-dev'],
	['sigs.k8s.io/yaml', 'golang-k8s-sigs-yaml-dev'],
] as const;
