import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { parseConfig } from '../../runner/config/load.ts';
import { IMAGE } from '../../runner/published.ts';
import { VERSION } from '../../runner/version.ts';
import { defaultValues, type Manifest, merged, renderChart } from './support/chart.ts';
import { mistakesIn } from './support/kubernetes.ts';

const SECRETS = { SUREPING_KEY: '0123456789abcdef', CALLBACK_SECRET: 'fedcba9876543210' };
const GIVEN = { secret: { values: SECRETS } };
const POSTGRES = { ...GIVEN, postgres: { enabled: true }, replicas: 3 };

const kindsOf = (manifests: readonly Manifest[]): string[] =>
	manifests.map(({ kind }) => kind).sort();

const only = (manifests: readonly Manifest[], kind: string): Manifest =>
	manifests.find((manifest) => manifest.kind === kind)!;

/** The runner's container, whichever kind of workload has it. */
function container(workload: Manifest) {
	// The schemas have checked it.
	return (workload as unknown as { spec: { template: { spec: { containers: object[] } } } }).spec
		.template.spec.containers[0];
}

describe('the chart', () => {
	it('is of this version and this image', () => {
		expect(parse(readFileSync('deploy/helm/Chart.yaml', 'utf8'))).toMatchObject({
			version: VERSION,
			appVersion: VERSION,
		});
		expect(container(only(renderChart(GIVEN), 'StatefulSet'))).toMatchObject({ image: IMAGE });
	});

	it.each([
		['SQLite', GIVEN, 'StatefulSet'],
		['PostgreSQL', POSTGRES, 'Deployment'],
	])('renders what Kubernetes takes, with %s', (_, values, workload) => {
		const manifests = renderChart(values);
		expect(kindsOf(manifests)).toEqual(
			['ConfigMap', 'NetworkPolicy', 'Secret', 'Service', workload].sort(),
		);
		expect(mistakesIn(manifests)).toEqual([]);
	});

	it.each([
		['a member that Kubernetes does not know', { selectors: {} }, /selectors/],
		['a value that it does not take', { ports: [{ port: 'http' }] }, /^Service: /],
	])('would not pass with %s', (_, wrong, mistake) => {
		const service = only(renderChart(GIVEN), 'Service');
		const changed = { ...service, spec: { ...(service['spec'] as object), ...wrong } };
		expect(mistakesIn([changed])).toContainEqual(expect.stringMatching(mistake));
	});

	it.each([
		['a release called 123', '123', {}],
		['a release called 1e3', '1e3', {}],
		['the name 123', 'x', { nameOverride: '123' }],
		['the full name true', 'x', { fullnameOverride: 'true' }],
		['an image 123', 'x', { image: { repository: '123', tag: '4' } }],
		['a Secret called 123', 'x', { secret: { existing: '123' } }],
	])('renders what Kubernetes takes, with %s in a namespace called 123', (_, release, more) => {
		for (const postgres of [{ enabled: false }, { enabled: true }]) {
			const values = { ...GIVEN, postgres, podMonitor: { enabled: true }, ...more };
			const manifests = renderChart(values, release, '123');
			const known = manifests.filter(({ kind }) => kind !== 'PodMonitor');
			expect(mistakesIn(known)).toEqual([]);
			for (const { metadata, spec } of manifests) {
				const { name, namespace, labels } = metadata as unknown as Record<string, unknown>;
				expect([typeof name, namespace]).toEqual(['string', '123']);
				for (const label of Object.values(labels as object)) expect(typeof label).toBe('string');
				const { selector } = Object(spec) as { selector?: object };
				expect(JSON.stringify(selector ?? {})).not.toMatch(/:[^"{]/);
			}
		}
	});

	it('takes a line break in a value as a part of it', () => {
		const text = 'fast\n        evil: true';
		const values = {
			...GIVEN,
			persistence: { storageClass: text, size: text },
			image: { repository: text },
			podMonitor: { enabled: true, interval: text },
		};
		const manifests = renderChart(values);
		expect(JSON.stringify(manifests)).not.toContain('"evil"');
		expect(only(manifests, 'StatefulSet')).toMatchObject({
			spec: {
				volumeClaimTemplates: [
					{ spec: { storageClassName: text, resources: { requests: { storage: text } } } },
				],
			},
		});
		expect(only(manifests, 'PodMonitor')).toMatchObject({
			spec: { podMetricsEndpoints: [{ interval: text }] },
		});
	});

	it('leaves room for the hash that Kubernetes puts behind the name of a StatefulSet, in a label', () => {
		const long = renderChart({ ...GIVEN, fullnameOverride: 'a'.repeat(70) }, 'x');
		// A label has at most 63 characters, and the hash ten, after a hyphen.
		expect(only(long, 'StatefulSet').metadata.name).toHaveLength(52);
		expect(only(renderChart(GIVEN, 'b'.repeat(60)), 'Service').metadata.name).toHaveLength(52);
		expect(
			only(renderChart(GIVEN, `sureping${'b'.repeat(60)}`), 'Service').metadata.name,
		).toHaveLength(52);
	});

	it('runs without root, without rights, and on a read-only file system', () => {
		for (const [kind, values] of [
			['StatefulSet', GIVEN] as const,
			['Deployment', POSTGRES] as const,
		]) {
			const workload = only(renderChart(values), kind);
			expect(workload).toMatchObject({
				spec: {
					template: {
						spec: {
							automountServiceAccountToken: false,
							enableServiceLinks: false,
							securityContext: { runAsNonRoot: true, runAsUser: 10_001 },
						},
					},
				},
			});
			expect(container(workload)).toMatchObject({
				securityContext: {
					allowPrivilegeEscalation: false,
					readOnlyRootFilesystem: true,
					capabilities: { drop: ['ALL'] },
				},
			});
		}
	});

	it('gives the runner a config that it takes, and its own names in the cluster', () => {
		const text = configOf(renderChart(GIVEN));
		const config = parseConfig(text, 'sureping.yaml', SECRETS);
		expect(config.hosts).toContain('sureping.ops.svc.cluster.local');
		expect(config.security.allow_hosts).toEqual(['n8n']);
		expect(config.store).toBeUndefined();
		expect(text).not.toContain(SECRETS.SUREPING_KEY);
	});

	it('takes the database of PostgreSQL from the Secret', () => {
		const store = 'postgres://sureping@db/sureping';
		const environment = { ...SECRETS, DATABASE_URL: store };
		expect(parseConfig(configOf(renderChart(POSTGRES)), 'c', environment).store).toBe(store);
	});

	it('starts new pods when the config changes', () => {
		const checksum = (values: Record<string, unknown>): unknown =>
			JSON.stringify(only(renderChart(values), 'StatefulSet')).match(
				/checksum\/config":"(\w+)/,
			)?.[1];
		const changed = { ...GIVEN, config: { loop_limit: 7 } };
		expect(checksum(changed)).toMatch(/^[0-9a-f]{64}$/);
		expect(checksum(changed)).not.toBe(checksum(GIVEN));
	});

	it('uses a Secret that exists, and asks for one in words', () => {
		const existing = renderChart({ secret: { existing: 'mine' } });
		expect(kindsOf(existing)).not.toContain('Secret');
		expect(container(only(existing, 'StatefulSet'))).toMatchObject({
			envFrom: [{ secretRef: { name: 'mine' } }],
		});
		expect(() => renderChart()).toThrow(/name a Secret that has SUREPING_KEY/);
	});

	it('is scraped by the Prometheus Operator, and open to all, for those who ask for it', () => {
		const manifests = renderChart({
			...GIVEN,
			podMonitor: { enabled: true },
			networkPolicy: { enabled: false },
		});
		expect(kindsOf(manifests)).not.toContain('NetworkPolicy');
		expect(only(manifests, 'PodMonitor')).toMatchObject({
			apiVersion: 'monitoring.coreos.com/v1',
			spec: { podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '30s' }] },
		});
	});
});

describe('the schema of its values', () => {
	// Our own file.
	const schema = JSON.parse(readFileSync('deploy/helm/values.schema.json', 'utf8')) as object;
	const isValid = new Ajv({ strict: false }).compile(schema);
	const takes = (values: object): boolean => isValid(merged(defaultValues(), values));

	it('takes the defaults and what the chart reads', () => {
		for (const values of [{}, GIVEN, POSTGRES]) expect(takes(values)).toBe(true);
	});

	it('refuses a name that is misspelt, and a second pod on one SQLite file', () => {
		expect(takes({ ...GIVEN, persistance: { size: '1Gi' } })).toBe(false);
		expect(takes({ ...GIVEN, persistence: { sise: '1Gi' } })).toBe(false);
		expect(takes({ ...GIVEN, replicas: 2 })).toBe(false);
	});

	it('names every value that there is', () => {
		// Our own file.
		const { properties } = schema as { properties: Record<string, unknown> };
		expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(defaultValues())));
	});
});

const configOf = (manifests: readonly Manifest[]): string =>
	(only(manifests, 'ConfigMap')['data'] as Record<string, string>)['sureping.yaml']!;
