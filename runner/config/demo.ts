import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod/v4';
import { makeFolder } from '../make-folder.ts';
import { hashKey } from './api-keys.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import type { Environment } from './variables.ts';

/** The config file of a runner that is started without `--config`. */
export const demoFile = (dataDir: string): string => join(dataDir, 'demo.yaml');

/** A demo config in force. `key`: its API key, undefined where the operator replaced or overrode it. */
export interface DemoConfig {
	readonly config: Config;
	readonly key: string | undefined;
	readonly file: string;
}

/** The config of a runner that is started without one: a console channel, and a key that survives restarts. */
export function demoConfig(dataDir: string, environment: Environment): DemoConfig {
	const file = demoFile(dataDir);
	if (!existsSync(file)) {
		makeFolder(dataDir);
		writeFileSync(file, demoText(), { mode: 0o600 });
	}
	const config = loadConfig(file, environment);
	const text = readFileSync(file, 'utf8');
	const shape = z.object({ api_keys: z.array(z.object({ key: z.string() })) });
	const key = shape.safeParse(parseYaml(text)).data?.api_keys[0]?.key;
	// The operator may have replaced the key by a hash or a variable, or overridden it from the environment.
	const isInForce =
		key !== undefined && config.apiKeys.some(({ sha256 }) => sha256.equals(hashKey(key)));
	return { config, key: isInForce ? key : undefined, file };
}

const secret = (prefix: string): string => prefix + randomBytes(24).toString('base64url');

const demoText =
	(): string => `# Made at the first start, since no --config was given. A place to begin your own:
# https://github.com/sureping/sureping/blob/main/docs/runner/channels.md has connections for Slack, e-mail and so on.
api_keys:
  - name: demo
    key: ${secret('sp_demo_')}
    scopes: [send, read, endpoints, admin]
    webhook_secret: ${secret('whsec_')}
connections:
  - name: terminal
    channel: console
security:
  # Webhooks to programs on this machine, such as a local n8n.
  allow_hosts: [localhost, 127.0.0.1]
`;
