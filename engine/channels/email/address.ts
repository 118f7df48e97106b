import { z } from 'zod/v4';

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
	const line = subject?.replace(/\s+/g, ' ').trim() || text.trim().split(/\r?\n/, 1)[0] || '';
	return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** Who a mail is from: an address, or a name with an address in angle brackets (RFC 5322 §3.4, one mailbox). */
export interface Mailbox {
	readonly email: string;
	readonly name?: string;
}

export function parseMailbox(text: string): Mailbox | undefined {
	const [, name = '', bracketed] = /^\s*([^<>\p{Cc}]*?)\s*<([^<>]*)>\s*$/u.exec(text) ?? [];
	const email = (bracketed ?? text).trim();
	if (!isEmailAddress(email)) return undefined;
	const plain = name.replace(/^"(.*)"$/, '$1');
	return plain ? { email, name: plain } : { email };
}

/** The `from` of every mail connection. */
export const fromSetting = z
	.string()
	.refine(
		(text) => parseMailbox(text) !== undefined,
		'must be an e-mail address, such as "ops@example.com" or "Ops <ops@example.com>"',
	);

/** A text of more bytes than the vendor documents. The vendors' megabytes are read as the smaller, decimal ones. */
export function refuseOver(
	megabytes: number,
	vendor: string,
): (text: string) => string | undefined {
	return (text) =>
		Buffer.byteLength(text) > megabytes * 1e6
			? `is longer than ${megabytes} MB, the most that ${vendor} takes`
			: undefined;
}
