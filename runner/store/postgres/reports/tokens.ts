import type { OneTimeToken, ProviderId, TokenUse } from '@sureping/engine';
import { repeatedUse } from '../../rules/one-time-tokens.ts';
import type { Sql } from '../db/database.ts';
import { changed } from '../db/write-rows.ts';

/** Stores a one-time token with the hash of its body, and tells if it was used before. `connection` holds its key. */
export async function useToken(
	sql: Sql,
	provider: ProviderId,
	use: OneTimeToken,
	now: number,
): Promise<TokenUse> {
	const { key, token, bodyHash } = use;
	const isFirst = await changed(
		sql,
		'INSERT INTO sureping.inbound_tokens VALUES ($1, $2, $3, $4, $5::bigint) ON CONFLICT DO NOTHING',
		[provider, key, token, bodyHash, now],
	);
	if (isFirst) return 'first';
	const [row] = await sql.rows(
		`SELECT body_hash FROM sureping.inbound_tokens
		 WHERE provider = $1 AND connection = $2 AND md5(token) = md5($3)`,
		[provider, key, token],
	);
	return repeatedUse(row?.body_hash, use);
}
