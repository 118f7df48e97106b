import type { OneTimeToken, ProviderId, TokenUse } from '@sureping/engine';
import { TOKENS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Sql } from '../db/database.ts';

/** Stores a one-time token with the hash of its body, and tells if it was used before. `connection` holds its key. */
export async function useToken(
	sql: Sql,
	provider: ProviderId,
	{ key, token, bodyHash }: OneTimeToken,
	now: number,
): Promise<TokenUse> {
	const written = await sql.rows(
		`INSERT INTO sureping.inbound_tokens VALUES ($1, $2, $3, $4, $5::bigint)
		 ON CONFLICT DO NOTHING RETURNING 1 AS one`,
		[provider, key, token, bodyHash, now],
	);
	if (written.length > 0) return 'first';
	const [row] = await sql.rows(
		`SELECT body_hash FROM sureping.inbound_tokens
		 WHERE provider = $1 AND connection = $2 AND md5(token) = md5($3)`,
		[provider, key, token],
	);
	return row?.body_hash === bodyHash ? 'same-body' : 'other-body';
}

/** Removes up to `limit` tokens that are older than any provider resends, and returns their number. */
export async function forgetTokens(sql: Sql, now: number, limit: number): Promise<number> {
	const rows = await sql.rows(
		`DELETE FROM sureping.inbound_tokens WHERE ctid = ANY (ARRAY(
			SELECT ctid FROM sureping.inbound_tokens WHERE seen_at <= $1::bigint
			ORDER BY seen_at LIMIT ${limit})) RETURNING 1 AS one`,
		[now - TOKENS_KEPT_MS],
	);
	return rows.length;
}
