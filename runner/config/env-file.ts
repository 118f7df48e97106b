import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { shellWord } from '../words/index.ts';
import { isOfStranger, openMode } from './file-owner.ts';
import { readPlainFile } from './plain-file.ts';
import type { Environment } from './variables.ts';

export interface EnvironmentOfConfig {
	readonly environment: Environment;
	/** The reason why the file of variables was left out, if it is there. */
	readonly problem?: string;
}

/** Of a file of variables; bytes. */
const LARGEST = 1024 * 1024;

const fileBeside = (configFile: string): string => join(dirname(configFile), '.env');

/**
 * The variables of a process, and those of the `.env` beside a config file. A variable that the process has, as NAME or
 * as NAME_FILE, is not taken from the file.
 */
export function environmentOf(configFile: string, environment: Environment): EnvironmentOfConfig {
	const file = fileBeside(configFile);
	const read = readPlainFile(file, LARGEST);
	if (!read.ok) {
		if (read.isMissing) return { environment };
		// The variables may come from elsewhere, as in a service whose manager reads the file.
		return { environment, problem: `${file} cannot be read: ${read.reason}` };
	}
	const added = Object.entries(parseEnv(read.bytes.toString('utf8'))).filter(
		([name]) =>
			environment[name] === undefined &&
			environment[`${name}_FILE`] === undefined &&
			environment[name.replace(/_FILE$/, '')] === undefined,
	);
	return { environment: { ...Object.fromEntries(added), ...environment } };
}

/** A reason why others can change a file of variables, and with it the servers that get the secrets. */
export interface Weakness {
	readonly found: string;
	readonly change: string;
}

/** The weakness of the `.env` beside a config file; undefined if it has none or is not there. */
export function weaknessOf(configFile: string): Weakness | undefined {
	const file = fileBeside(configFile);
	if (isOfStranger(file)) {
		const found = `${file} belongs to another user, who can read and change the secrets in it`;
		return { found, change: `make it yours with chown; then chmod 600 ${shellWord(file)}` };
	}
	const mode = openMode(file);
	if (mode === undefined) return undefined;
	const found = `${file} can be changed by other users of this machine: its mode is ${mode}`;
	return { found, change: `chmod 600 ${shellWord(file)}` };
}
