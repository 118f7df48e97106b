import { z } from 'zod/v4';
import { truncate } from '../../truncate.ts';

/** Longest address, and longest part before its "@" (RFC 5321 §4.5.3.1). */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

/** Characters with a meaning in an address (RFC 5322 §3.2.3), white space and control characters. */
const SPECIAL = /[\s\p{Cc}@,;:<>()"[\]\\]/u;

/** One address, not a list: one `@` with a host behind it (RFC 5321 §4.1.2, without quoting). */
export function isEmailAddress(text: string): boolean {
	if (text.length > LONGEST_ADDRESS || !text.isWellFormed()) return false;
	const at = text.indexOf('@');
	const [local, host] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
	const areFilled = local !== '' && host !== '' && local.length <= LONGEST_LOCAL_PART;
	return areFilled && !SPECIAL.test(local) && !SPECIAL.test(host);
}

/** The mistake in a mail address, with the form to write instead; undefined when there is none. */
export function refuseRecipient(recipient: string): string | undefined {
	if (isEmailAddress(recipient)) return undefined;
	const mailbox = parseMailbox(recipient);
	if (mailbox) return `must be the address alone, without the name: "${mailbox.email}"`;
	const parts = recipient.length <= 512 ? recipient.split(/[,;]/).map((part) => part.trim()) : [];
	const areAddresses = parts.every((part) => part === '' || parseMailbox(part) !== undefined);
	if (parts.length > 1 && areAddresses) {
		return 'must be one e-mail address; send once for each of several';
	}
	return 'must be an e-mail address, such as "ada@example.com"';
}

/** Characters of the first line that stand in for a missing subject. */
const LONGEST_PREVIEW = 200;

/** The subject of a mail, on one line. Where a message has none, its first line stands in, as in a chat's preview. */
export function subjectLine(subject: string | undefined, text: string): string {
	const line = subject?.replace(/\s+/g, ' ').trim();
	return line || truncate(text.trim().split(/\r?\n/, 1)[0] ?? '', LONGEST_PREVIEW);
}

/** The sender of a mail: an address, or a name with an address in angle brackets (RFC 5322 §3.4, one mailbox). */
export interface Mailbox {
	readonly email: string;
	readonly name?: string;
}

/**
 * The mailbox that a person wrote. A name with a comma or a dot need not be in quotes as RFC 5322 demands, since one
 * mailbox alone is asked for.
 */
export function parseMailbox(text: string): Mailbox | undefined {
	const trimmed = text.trim();
	const open = trimmed.lastIndexOf('<');
	const isBracketed = trimmed.endsWith('>') && open !== -1;
	const email = (isBracketed ? trimmed.slice(open + 1, -1) : trimmed).trim();
	if (!isEmailAddress(email)) return undefined;
	const name = isBracketed ? unquoted(trimmed.slice(0, open).trim()) : '';
	if (name === undefined || /[<>\p{Cc}]/u.test(name) || !name.isWellFormed()) return undefined;
	return name ? { email, name } : { email };
}

/** A quoted string's content (RFC 5322 §3.2.4), or the text itself; undefined where the quotes do not fit. */
function unquoted(phrase: string): string | undefined {
	if (!phrase.startsWith('"')) return phrase.includes('"') ? undefined : phrase;
	const content = /^"((?:[^"\\]|\\.)*)"$/u.exec(phrase)?.[1];
	return content?.replace(/\\(.)/gu, '$1').trim();
}

/** RFC 5322 §3.2.3 with RFC 6532 §3.2: words that need no quotes, of any script. */
const PLAIN_PHRASE = /^[^\p{Cc}()<>[\]:;@\\,."]*$/u;

/**
 * A mailbox as every mail service reads it: a name that holds a comma, a dot, a quote or another special character is a
 * quoted string, else the service would take it for several addresses.
 */
export function writeMailbox({ email, name }: Mailbox): string {
	if (name === undefined) return email;
	const phrase = PLAIN_PHRASE.test(name) ? name : `"${name.replace(/[\\"]/g, '\\$&')}"`;
	return `${phrase} <${email}>`;
}

/** The domain of an address in ASCII, as headers have it: Punycode where it is of another script (RFC 3492). */
export function domainOf({ email }: Mailbox): string {
	const domain = email.slice(email.indexOf('@') + 1);
	return URL.parse(`http://${domain}`)?.hostname ?? domain.replace(/[^\x21-\x7e]/g, '-');
}

/** The `from` setting of a mail service that limits its length; in characters. */
export function fromSettingUpTo(longest: number) {
	return z
		.string()
		.transform((text, context): Mailbox => {
			const mailbox = parseMailbox(text);
			if (mailbox && writeMailbox(mailbox).length <= longest) return mailbox;
			context.addIssue({
				code: 'custom',
				message: mailbox
					? `must be at most ${longest} characters long`
					: 'must be an e-mail address, such as "ops@example.com" or "Ops <ops@example.com>"',
			});
			return z.NEVER;
		})
		.meta({
			description: 'Sender: an e-mail address, or a name and an address.',
			examples: ['Ops <ops@example.com>'],
		});
}

/** The `from` setting of a service that documents no limit: the longest line of a mail counts (RFC 5322 §2.1.1). */
export const fromSetting = fromSettingUpTo(998);

/** Refuses a text of more bytes than the vendor documents. A megabyte is read as 10^6 bytes, the smaller reading. */
export function refuseOver(
	megabytes: number,
	vendor: string,
): (text: string) => string | undefined {
	return (text) =>
		Buffer.byteLength(text) > megabytes * 1e6
			? `is longer than ${megabytes} MB, the most that ${vendor} takes`
			: undefined;
}
