import { existsSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import { isOfStranger } from './file-owner.ts';

/** The config file that commands take where it is in the working directory, if they are given no other. `init` writes it. */
export const USUAL_FILE = 'sureping.yaml';

/**
 * The config file to use: the one that is named, else `sureping.yaml` in the working directory, if there is one. Throws a
 * `ConfigError` for one of another user, who would receive the variables that it names, at URLs that it names.
 */
export function usualFile(named: string | undefined): string | undefined {
	if (named !== undefined) return named;
	if (!existsSync(USUAL_FILE)) return undefined;
	const foreign = [USUAL_FILE, '.env'].filter(isOfStranger);
	if (foreign.length === 0) return USUAL_FILE;
	throw new ConfigError(
		'The config of this folder',
		foreign.map(
			(file) =>
				`${file} here belongs to another user; to use it, name the config: --config ${USUAL_FILE}`,
		),
	);
}
