import type { RejectionReason } from './received.ts';

/** Five minutes either way, as One-Ping's documentation and n8n's own triggers have it. */
export const DEFAULT_TOLERANCE_S = 300;

/** Why a timestamp in unix seconds cannot be trusted, or undefined when it can. `now` in milliseconds. */
export function refuseTimestamp(
	timestamp: string,
	now: number,
	toleranceS: number = DEFAULT_TOLERANCE_S,
): RejectionReason | undefined {
	if (!/^\d{1,12}$/.test(timestamp)) return 'bad_timestamp';
	const age = Math.floor(now / 1000) - Number(timestamp);
	if (age > toleranceS) return 'stale';
	if (age < -toleranceS) return 'future';
	return undefined;
}
