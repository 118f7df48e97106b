import type { OneTimeToken, ProviderId, TokenUse } from '@sureping/engine';
import { TOKENS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Statements } from '../db/statements.ts';

/** Remembers a one-time token with the hash of its body and tells whether it was used before. `connection` holds its key. */
export function useToken(
	sql: Statements,
	provider: ProviderId,
	{ key, token, bodyHash }: OneTimeToken,
	now: number,
): TokenUse {
	const { changes } = sql.run`INSERT INTO inbound_tokens
		VALUES (${provider}, ${key}, ${token}, ${bodyHash}, ${now}) ON CONFLICT DO NOTHING`;
	if (changes > 0) return 'first';
	const row = sql.get`SELECT body_hash FROM inbound_tokens
		WHERE provider = ${provider} AND connection = ${key} AND token = ${token}`;
	return row?.body_hash === bodyHash ? 'same-body' : 'other-body';
}

/** Removes up to `most` tokens that have outlived their retention and returns their number. */
export function forgetTokens(sql: Statements, now: number, most: number): number {
	return sql.run`DELETE FROM inbound_tokens WHERE (provider, connection, token) IN (
		SELECT provider, connection, token FROM inbound_tokens
		WHERE seen_at <= ${now - TOKENS_KEPT_MS} ORDER BY seen_at LIMIT ${most})`.changes;
}
