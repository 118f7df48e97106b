import { PROFILES } from '@sureping/engine';
import type { Endpoint, PreviousSecret } from '../store/contract/endpoints.ts';

/** As long as the secret before a new one goes on signing. */
const ROTATION_MS = 24 * 3600_000;
/** Who rotates more often within a day does without the oldest. */
const MOST_FORMER = 4;

/**
 * What an endpoint signs with after its secret became `secret`: where its format takes several signatures, the secrets
 * before it go on for a day. The same secret changes nothing.
 */
export function withFormerSecrets(
	{ profile, secret: before, previousSecrets = [] }: Endpoint,
	secret: string | undefined,
	now: number,
): { readonly secret?: string; readonly previousSecrets?: readonly PreviousSecret[] } {
	const isNew = before !== undefined && before !== secret;
	const former = [
		...(isNew ? [{ secret: before, until: now + ROTATION_MS }] : []),
		...previousSecrets.filter((one) => one.until > now && one.secret !== secret),
	].slice(0, MOST_FORMER);
	return {
		...(secret === undefined ? {} : { secret }),
		...(PROFILES[profile].signsWithFormer && former.length > 0 ? { previousSecrets: former } : {}),
	};
}
