/** `sureping doctor`, without its command line: looks at the installation, the runner, its endpoints and n8n. */
import { existsSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { demoFile } from '../../config/demo.ts';
import { usualFile } from '../../config/usual-file.ts';
import { keyForOwnRunner } from '../folder-key.ts';
import { DEFAULT_URL, mistakeInKey, RemoteError } from '../remote.ts';
import { examineEndpoints } from './endpoints.ts';
import type { Finding } from './finding.ts';
import { examineHeld } from './held-connections.ts';
import { examineConfig, examineInstallation } from './installation.ts';
import { examineN8n } from './n8n.ts';
import { examineRunner, type ReadConfig } from './runner.ts';

export type { Finding } from './finding.ts';

export interface DoctorOptions {
	readonly config?: string;
	readonly dataDir: string;
	/** Of a running runner. */
	readonly url?: string;
	readonly key?: string;
	readonly n8n?: string;
}

/** Every finding, in the order from the config to n8n. Sends no message. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
	try {
		return await examineFrom(usualFile(options.config), options);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		const found = error.issues.map((issue) => ({ what: 'configuration', ok: false, found: issue }));
		return [...found, ...(await examineOutside(options, undefined, undefined))];
	}
}

async function examineFrom(
	usual: string | undefined,
	options: DoctorOptions,
): Promise<readonly Finding[]> {
	const { config: named, dataDir } = options;
	const file = usual ?? demoFile(dataDir);
	if (usual === undefined && !existsSync(file)) {
		const found = `there is none here, so neither it, a database nor connections were checked: "sureping init" makes one, or name one with --config (serve without one makes ${file})`;
		const none = { what: 'configuration', ok: true, found };
		return [none, ...(await examineOutside(options, undefined, undefined))];
	}
	const { findings, config } = examineConfig(file);
	const read = config && { file, config };
	// In a folder that init has set up, a newcomer names nothing. An empty URL counts as not given: a script passes on a
	// variable that is not set as an empty one.
	const url = options.url || (named === undefined && usual !== undefined ? DEFAULT_URL : undefined);
	return [
		...findings,
		...(config ? await examineInstallation(config, dataDir) : []),
		...(await examineOutside({ ...options, url }, read, url && keyForOwnRunner(url, file))),
	];
}

async function examineOutside(
	{ url, key: given, n8n }: Omit<DoctorOptions, 'url'> & { readonly url?: string | undefined },
	read: ReadConfig | undefined,
	keyOfFile: string | undefined,
): Promise<readonly Finding[]> {
	const key = given || keyOfFile;
	return [
		...(url ? await examineRunning(url, key, read) : []),
		...(n8n ? await examineN8n(n8n, read) : []),
	];
}

async function examineRunning(
	url: string,
	key: string | undefined,
	read: ReadConfig | undefined,
): Promise<readonly Finding[]> {
	if (!key) {
		const found = 'none is given, so it and the endpoints are not checked: set SUREPING_KEY';
		return [...(await examineHeld(url)), { what: 'key', ok: true, found }];
	}
	const mistake = mistakeInKey(key);
	if (mistake !== undefined) {
		return [...(await examineHeld(url)), { what: 'key', ok: false, found: mistake }];
	}
	const asked = { url, key };
	try {
		const { findings, answers } = await examineRunner(asked, read);
		if (!answers) return findings;
		return [...findings, ...(await examineHeld(url)), ...(await examineEndpoints(asked, read))];
	} catch (error) {
		if (!(error instanceof RemoteError)) throw error;
		return [{ what: 'runner', ok: false, found: error.message }];
	}
}
