import type { OneTimeToken, ProviderId, TokenUse } from '@sureping/engine';
import { repeatedUse } from '../../rules/one-time-tokens.ts';
import type { Statements } from '../db/statements.ts';

/** Stores a one-time token with the hash of its body, and tells if it was used before. `connection` holds its key. */
export function useToken(
	sql: Statements,
	provider: ProviderId,
	use: OneTimeToken,
	now: number,
): TokenUse {
	const { key, token, bodyHash } = use;
	const { changes } = sql.run`INSERT INTO inbound_tokens
		VALUES (${provider}, ${key}, ${token}, ${bodyHash}, ${now}) ON CONFLICT DO NOTHING`;
	if (changes > 0) return 'first';
	const row = sql.get`SELECT body_hash FROM inbound_tokens
		WHERE provider = ${provider} AND connection = ${key} AND token = ${token}`;
	return repeatedUse(row?.body_hash, use);
}
