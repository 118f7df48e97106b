import { firstCharacters } from './graphemes.ts';

/** A text as a person is shown it where there is room for `limit` characters: whole, or cut and ended by "…". */
export function truncate(text: string, limit: number): string {
	const whole = firstCharacters(text, limit);
	return whole.length === text.length ? text : `${firstCharacters(text, limit - 1)}…`;
}
