import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { REQUIRED_MAJOR } from '../../bin/node24.mjs';

/** The PATH that systemd gives a service (systemd.exec(5), "Environment Variables in Spawned Processes"). */
const SERVICE_PATH = [
	'/usr/local/sbin',
	'/usr/local/bin',
	'/usr/sbin',
	'/usr/bin',
	'/sbin',
	'/bin',
] as const;

/** Longest wait for `node --version`; milliseconds. */
const LONGEST_ANSWER_MS = 5_000;

const REMEDY = `Install Node.js ${REQUIRED_MAJOR} or newer for all users before you start the service; one that belongs to your own account does not count.`;

/** Says why a service would find no Node.js that runs this program; empty if it finds one. */
export function notesOnServiceNode(folders: readonly string[] = SERVICE_PATH): readonly string[] {
	const node = folders.map((folder) => join(folder, 'node')).find(isProgram);
	if (node === undefined) {
		return [`A service finds no Node.js: its PATH is ${folders.join(':')}. ${REMEDY}`];
	}
	const version = versionOf(node);
	if (version !== undefined && Number(/^v(\d+)\./.exec(version)?.[1]) >= REQUIRED_MAJOR) return [];
	return [`A service finds ${node}, which is ${version ?? 'no working Node.js'}. ${REMEDY}`];
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

function versionOf(node: string): string | undefined {
	try {
		const options = { encoding: 'utf8', stdio: 'pipe', timeout: LONGEST_ANSWER_MS } as const;
		return /^v\d+\.\S*/.exec(execFileSync(node, ['--version'], options))?.[0];
	} catch {
		return undefined;
	}
}
