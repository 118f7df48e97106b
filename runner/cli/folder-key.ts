import { ConfigError } from '../config/config-error.ts';
import { environmentOf } from '../config/env-file.ts';
import { loadSetting } from '../config/load.ts';
import { isLoopback } from '../transport/loopback.ts';

/** The API key in the `.env` beside a config file, as `init` writes them. */
export function keyBeside(configFile: string): string | undefined {
	return environmentOf(configFile, {}).environment.SUREPING_KEY;
}

/**
 * The API key beside a config file, for the runner at `url`. Undefined unless that is the runner of this config: on this
 * machine, or at the origin of its `public_url`. No other host may receive a key that the caller did not give.
 */
export function keyForOwnRunner(url: string, configFile: string): string | undefined {
	const asked = URL.parse(url);
	if (!asked || !(isLoopback(asked) || asked.origin === publicOrigin(configFile))) return undefined;
	return keyBeside(configFile);
}

function publicOrigin(configFile: string): string | undefined {
	try {
		const url = loadSetting(configFile, process.env, 'public_url');
		return url === undefined ? undefined : new URL(url).origin;
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		// The key is not needed to report the mistake, and it is unknown whose URL this is.
		return undefined;
	}
}
