import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCK = 'package-lock.json';

interface Versioned {
	version?: string;
}

/** Read of files of our own, which npm wrote. */
const readJson = <T>(root: string, path: string): T =>
	JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

/** The folders of the packages that share one version: the root and every workspace. */
const folders = (root: string): readonly string[] => [
	'',
	...readJson<{ workspaces: string[] }>(root, 'package.json').workspaces,
];

/** The version that each package.json and the lock name, by the place that names it. */
export function versions(root: string): Readonly<Record<string, string | undefined>> {
	const lock = readJson<{ packages: Record<string, Versioned> }>(root, LOCK);
	return Object.fromEntries(
		folders(root).flatMap((folder) => {
			const path = join(folder, 'package.json');
			return [
				[path, readJson<Versioned>(root, path).version],
				[`${LOCK}, "${folder}"`, lock.packages[folder]?.version],
			];
		}),
	);
}

/** Sets the version of every package.json, and of the same packages in the lock. */
export function setVersion(root: string, version: string): void {
	const lock = readJson<Versioned & { packages: Record<string, Versioned> }>(root, LOCK);
	lock.version = version;
	for (const folder of folders(root)) {
		const path = join(folder, 'package.json');
		writeJson(root, path, { ...readJson<Versioned>(root, path), version });
		const entry = lock.packages[folder];
		if (entry) entry.version = version;
	}
	writeJson(root, LOCK, lock);
}

/** As npm writes it. */
const writeJson = (root: string, path: string, content: object): void =>
	writeFileSync(join(root, path), `${JSON.stringify(content, null, 2)}\n`);
