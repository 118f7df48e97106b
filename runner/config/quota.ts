import type { QuotaPeriod } from '../store/contract/sends.ts';
import type { Quota } from './settings/index.ts';

/** The day or month (UTC) that contains `now`. Times in milliseconds since 1970. */
export function periodOf({ notifications, per }: Quota, now: number): QuotaPeriod {
	const date = new Date(now);
	const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
	return per === 'day'
		? {
				start: Date.UTC(year, month, day),
				end: Date.UTC(year, month, day + 1),
				most: notifications,
			}
		: { start: Date.UTC(year, month), end: Date.UTC(year, month + 1), most: notifications };
}
