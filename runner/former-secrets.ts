import { PROFILES } from '@sureping/engine';
import type { Endpoint, PreviousSecret } from './store/contract/endpoints.ts';

/** Time for which a replaced secret goes on signing, in milliseconds. */
const ROTATION_MS = 24 * 3600_000;
/** Most former secrets that sign; the oldest is dropped. */
const MOST_FORMER = 4;

/**
 * The secrets of an endpoint after its secret became `secret`. Where the profile has room for several signatures, the
 * former secrets sign for another day. Setting the same secret again changes nothing.
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
