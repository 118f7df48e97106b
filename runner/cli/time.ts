import { InvalidArgumentError } from 'commander';

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Parses the time of an option, or an age such as `2h`, to ISO 8601. */
export function toTime(text: string): string {
	return timeIn(text, -1, 'Give a time such as 2026-01-31T12:00:00Z, or 15m, 2h, 7d ago');
}

/** Parses the time of an option, or a while from now such as `2h`, to ISO 8601. */
export function toComingTime(text: string): string {
	return timeIn(text, 1, 'Give a time such as 2030-01-31T12:00:00Z, or 15m, 2h, 7d from now');
}

function timeIn(text: string, sign: 1 | -1, complaint: string): string {
	const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
	const ms = count === undefined ? undefined : Number(count) * (UNITS_S[unit] ?? 0) * 1000;
	const time = new Date(ms === undefined ? text : Date.now() + sign * ms);
	if (Number.isNaN(time.getTime()) || (ms === undefined && !/^\d{4}-\d{2}-\d{2}/.test(text))) {
		throw new InvalidArgumentError(complaint);
	}
	return time.toISOString();
}
