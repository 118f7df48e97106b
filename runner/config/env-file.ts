import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { fileReason } from '../words/index.ts';
import type { Environment } from './variables.ts';

export interface EnvironmentOfConfig {
	readonly environment: Environment;
	/** The reason why the file of variables was left out, if it is there. */
	readonly problem?: string;
}

/**
 * The variables of a process, and those of the `.env` beside a config file. A variable that the process has, as NAME or
 * as NAME_FILE, is not taken from the file.
 */
export function environmentOf(configFile: string, environment: Environment): EnvironmentOfConfig {
	const file = join(dirname(configFile), '.env');
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		if (Object(error).code === 'ENOENT') return { environment };
		// The variables may come from elsewhere, as in a service whose manager reads the file.
		return { environment, problem: `${file} cannot be read: ${fileReason(error)}` };
	}
	const added = Object.entries(parseEnv(text)).filter(
		([name]) =>
			environment[name] === undefined &&
			environment[`${name}_FILE`] === undefined &&
			environment[name.replace(/_FILE$/, '')] === undefined,
	);
	return { environment: { ...Object.fromEntries(added), ...environment } };
}
