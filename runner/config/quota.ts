import { z } from 'zod/v4';
import type { QuotaPeriod } from '../store/contract/sends.ts';

export const quotaSchema = z.strictObject({
	notifications: z.int().min(1),
	per: z.enum(['day', 'month']),
});
export type Quota = z.infer<typeof quotaSchema>;

/** The day or month (UTC) that `now` lies in. */
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
