import { periodOf } from '../config/quota.ts';
import type { Quota } from '../config/settings/index.ts';
import type { Sends } from '../store/contract/sends.ts';

/** An API key's quota in its current day or month. */
export interface QuotaStanding {
	readonly key: string;
	readonly used: number;
	readonly most: number;
}

/** The use of API keys' quotas at `now`; keys without a quota are left out. */
export async function quotaStandings(
	keys: readonly { readonly name: string; readonly quota: Quota | undefined }[],
	sends: Pick<Sends, 'quotaUse'>,
	now: number,
): Promise<readonly QuotaStanding[]> {
	const periods = keys.flatMap(({ name, quota }) =>
		quota ? [{ apiKey: name, ...periodOf(quota, now) }] : [],
	);
	if (periods.length === 0) return [];
	const used = await sends.quotaUse(periods);
	return periods.map(({ apiKey, most }, i) => ({ key: apiKey, used: used[i] ?? 0, most }));
}
