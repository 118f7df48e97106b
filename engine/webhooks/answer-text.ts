/** Length of the excerpt of an answer, in characters. */
const MOST_ANSWER = 4096;
const HIDDEN = '[hidden]';
/** Shorter ones would hide half of every text. */
const SHORTEST_HIDDEN = 6;

/**
 * The beginning of an answer's body as text that can be shown anywhere: no control characters but tabs and line breaks,
 * none that turn the direction of writing (Unicode TR 36 §2.5), and without the secrets that the request carried.
 */
export function answerText(body: string, hidden: readonly string[] = []): string {
	if (body === '') return '';
	// Cut last: a secret across the cut would remain in part.
	const longest = Math.max(0, ...hidden.map(({ length }) => length));
	let text = body.slice(0, MOST_ANSWER + longest);
	for (const secret of hidden) {
		if (secret.length >= SHORTEST_HIDDEN) text = text.replaceAll(secret, HIDDEN);
	}
	return text
		.slice(0, MOST_ANSWER)
		.toWellFormed()
		.replace(/(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu, '\ufffd');
}
