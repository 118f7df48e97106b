import type { Acceptance, KeyPeriod, QuotaPeriod } from '../contract/sends.ts';

/** True if a quota of which `used` notifications are sent has room for one more. */
export const hasRoom = ({ most }: QuotaPeriod, used: number): boolean => used < most;

/** A period of an API key's quota, with the notifications sent in it. */
export type QuotaCount = KeyPeriod & { used: number };

const nameOf = ({ apiKey, start }: KeyPeriod): string => JSON.stringify([apiKey, start]);

/** A request that counts as one notification. */
export type CountedRequest = Pick<Acceptance, 'apiKey' | 'quota'>;

/** The counts of the quotas that a group of requests has, always in the same order. */
export class QuotaCounts {
	private readonly counts: ReadonlyMap<string, QuotaCount>;

	constructor(requests: readonly CountedRequest[]) {
		const counts = requests.flatMap(({ apiKey, quota }): [string, QuotaCount][] => {
			const count = quota && { apiKey, start: quota.start, used: 0 };
			return count ? [[nameOf(count), count]] : [];
		});
		this.counts = new Map(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
	}

	get all(): readonly QuotaCount[] {
		return [...this.counts.values()];
	}

	/** Takes over a count as it is stored. */
	adopt(stored: QuotaCount): void {
		const count = this.counts.get(nameOf(stored));
		if (count) count.used = stored.used;
	}

	/** Counts one notification; false if its quota was used up before. */
	use({ apiKey, quota }: CountedRequest): boolean {
		const count = quota && this.counts.get(nameOf({ apiKey, start: quota.start }));
		if (!count) return true;
		if (!hasRoom(quota, count.used)) return false;
		count.used++;
		return true;
	}
}
