import { existsSync } from 'node:fs';

/** The config file that commands take where it is in the working directory, if they are given no other. `init` writes it. */
const USUAL_FILE = 'sureping.yaml';

/** The config file to use: the one that is named, else `sureping.yaml` in the working directory, if there is one. */
export function usualFile(named: string | undefined): string | undefined {
	return named ?? (existsSync(USUAL_FILE) ? USUAL_FILE : undefined);
}
