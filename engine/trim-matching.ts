/**
 * A text without the characters at its ends that belong to the two classes. `text.replace(/x+$/, '')` would try each run
 * of such characters in the middle anew, which takes the square of its length.
 */
export function trimMatching(text: string, atStart: RegExp, atEnd: RegExp = atStart): string {
	let start = 0;
	while (start < text.length && atStart.test(text.charAt(start))) start++;
	return trimEndMatching(text.slice(start), atEnd);
}

/** The same for its end alone. */
export function trimEndMatching(text: string, atEnd: RegExp): string {
	let end = text.length;
	while (end > 0 && atEnd.test(text.charAt(end - 1))) end--;
	return text.slice(0, end);
}
