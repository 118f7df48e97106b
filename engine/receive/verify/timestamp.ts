import type { RejectionReason } from './verification.ts';

/** Five minutes either way, as One-Ping's documentation and n8n's own triggers have it. */
export const DEFAULT_TOLERANCE_S = 300;

/**
 * The reason for which a timestamp in whole unix seconds cannot be trusted, or undefined when it can. `now` in
 * milliseconds.
 */
export function refuseTimestamp(
	timestamp: string,
	now: number,
	toleranceS: number = DEFAULT_TOLERANCE_S,
): RejectionReason | undefined {
	if (!/^\d{1,12}$/.test(timestamp)) return 'bad_timestamp';
	return refuseAge(Math.floor(now / 1000) - Number(timestamp), toleranceS);
}

/** The same for a timestamp in whole milliseconds. */
export function refuseMilliseconds(
	timestamp: string,
	now: number,
	toleranceS: number = DEFAULT_TOLERANCE_S,
): RejectionReason | undefined {
	if (!/^\d{1,15}$/.test(timestamp)) return 'bad_timestamp';
	return refuseAge((now - Number(timestamp)) / 1000, toleranceS);
}

/** The same for a time as a text that `Date` reads, such as Amazon SNS's. */
export function refuseTime(
	time: string,
	now: number,
	toleranceS: number = DEFAULT_TOLERANCE_S,
): RejectionReason | undefined {
	const ms = Date.parse(time);
	return Number.isNaN(ms) ? 'bad_timestamp' : refuseAge((now - ms) / 1000, toleranceS);
}

function refuseAge(ageS: number, toleranceS: number): RejectionReason | undefined {
	// Written this way round, the test also refuses an age or a tolerance that is NaN.
	if (!(ageS <= toleranceS)) return 'stale';
	if (!(ageS >= -toleranceS)) return 'future';
	return undefined;
}
