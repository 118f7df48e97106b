import { hash } from 'node:crypto';
import type { ApiKey } from './config.ts';
import type { ConfigFile } from './settings/index.ts';

export function toApiKey(written: ConfigFile['api_keys'][number]): ApiKey {
	const { name, key, key_sha256, scopes, webhook_secret, rate_limit, quota } = written;
	return {
		name,
		sha256: key === undefined ? Buffer.from(key_sha256 ?? '', 'hex') : hashKey(key),
		scopes,
		webhookSecret: webhook_secret,
		rateLimit: rate_limit,
		quota,
	};
}

/** SHA-256 of a key, by which it is recognised. */
export function hashKey(key: string): Buffer {
	// A digest as text is faster than as a Buffer, which is not allocated from Node's pool.
	return Buffer.from(hash('sha256', key, 'binary'), 'binary');
}
