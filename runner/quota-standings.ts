import { periodOf } from './config/quota.ts';
import type { Quota } from './config/settings/index.ts';
import type { Store } from './store/store.ts';

/** An API key's quota in the day or month that it is. */
export interface QuotaStanding {
	readonly key: string;
	readonly used: number;
	readonly most: number;
}

/** How much of the quotas of API keys is used at `now`; keys without a quota are left out. */
export async function quotaStandings(
	keys: readonly { readonly name: string; readonly quota: Quota | undefined }[],
	store: Pick<Store, 'quotaUse'>,
	now: number,
): Promise<readonly QuotaStanding[]> {
	const periods = keys.flatMap(({ name, quota }) =>
		quota ? [{ apiKey: name, ...periodOf(quota, now) }] : [],
	);
	if (periods.length === 0) return [];
	const used = await store.quotaUse(periods);
	return periods.map(({ apiKey, most }, i) => ({ key: apiKey, used: used[i] ?? 0, most }));
}
