import { firstCharacters } from './graphemes.ts';

/** A text as a person is shown it where there is room for `most` characters: whole, or cut and ended by "…". */
export function truncate(text: string, most: number): string {
	const whole = firstCharacters(text, most);
	return whole.length === text.length ? text : `${firstCharacters(text, most - 1)}…`;
}
