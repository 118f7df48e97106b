import { readFileSync } from 'node:fs';
import { IMAGE, PUBLISHED } from '../../runner/published.ts';
import { VERSION } from '../../runner/version.ts';

/** Files written by hand that name the image. */
const NAMED = [
	'compose.n8n.yaml',
	'deploy/caprover/sureping.yml',
	'deploy/coolify/sureping.yaml',
	'deploy/helm/n8n-sidecar.values.yaml',
	'deploy/unraid/sureping.xml',
] as const;

/** The image's name with its version, as these files have it before and after the first release. */
const ANY_IMAGE = /(?:ghcr\.io\/sureping\/)?\bsureping:\d+\.\d+\.\d+/g;

/** Part of the line that says how to build the image. From the first release on nobody has to. */
const BUILD_IT = 'Until the image is published';

const read = (path: string): string => {
	const text = readFileSync(path, 'utf8');
	const lines = text.split('\n').filter((line) => !(PUBLISHED && line.includes(BUILD_IT)));
	return lines.join('\n');
};

/** The files that name the image or its version, by path, as they have to be for this version. */
export const imageFiles = (): Readonly<Record<string, string>> => ({
	...Object.fromEntries(NAMED.map((path) => [path, read(path).replaceAll(ANY_IMAGE, IMAGE)])),
	'deploy/helm/Chart.yaml': read('deploy/helm/Chart.yaml').replaceAll(
		/^(version|appVersion): .*$/gm,
		`$1: ${VERSION}`,
	),
	'deploy/helm/values.yaml': read('deploy/helm/values.yaml').replace(
		/repository: \S+/,
		`repository: ${IMAGE.slice(0, IMAGE.lastIndexOf(':'))}`,
	),
});
