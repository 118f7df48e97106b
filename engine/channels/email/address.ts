/** One address, not a list: no spaces, no commas, one `@` with a host behind it (RFC 5321 §4.1.2, without quoting). */
export function isEmailAddress(text: string): boolean {
	return (
		text.length <= 254 && /^[^\s\p{Cc}@,;<>()"[\]\\]{1,64}@[^\s\p{Cc}@,;<>()"[\]\\]+$/u.test(text)
	);
}

export const refuseRecipient = (recipient: string): string | undefined =>
	isEmailAddress(recipient) ? undefined : 'must be an e-mail address, such as "ada@example.com"';

/** A mail needs a subject of one line: the message's first line stands in, as chat services preview it. */
export function subjectLine(subject: string | undefined, text: string): string {
	const line = subject?.replace(/\s+/g, ' ') ?? text.trim().split(/\r?\n/, 1)[0] ?? '';
	return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
