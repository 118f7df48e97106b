import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type AnswerParty, idFromBytes, idToBytes, trimEndMatching } from '@sureping/engine';
import type { Secrets } from './store/contract/secrets.ts';

/** The party that a link was made for: its answer is recorded as the contact's, else as one from the channel. */
export type LinkParty =
	| { readonly kind: 'contact'; readonly contactId: string }
	/** `slack:ops-slack`: anybody who reads the channel may have answered. */
	| { readonly kind: 'channel'; readonly channel: string };

/** A link that this installation made. */
export interface AnswerLink {
	readonly incidentId: string;
	readonly party: LinkParty;
}

/** Links by which the reader of a page answers, without a key. */
export interface AnswerLinks {
	/** The link for a page. Undefined without a `public_url`, where nobody could follow it. */
	linkFor(incidentId: string, to: AnswerParty): string | undefined;
	/** The link that a token belongs to; undefined for a token that this installation did not make. */
	read(token: string): AnswerLink | undefined;
}

/** The first byte of a token. */
const KINDS = { contact: 1, channel: 2 } as const;
const KIND_BYTES = 1;
const ID_BYTES = 16;
/**
 * Of the HMAC: 96 bits, so that the link fits into an SMS beside its text. Guesses are made online and are limited, where
 * NIST SP 800-107 (§5.3.3) asks for 64.
 */
const MAC_BYTES = 12;
const KEY_BYTES = 32;

/** Keeps tokens of this kind apart from others that are signed with the same key. */
const PURPOSE = 'sureping answer link\0';

/** Path of the page that a link shows. */
export const LINK_PATH = '/a/';

/** The links of an installation, with the key that its database keeps. */
export async function openAnswerLinks(
	secrets: Secrets,
	publicUrl: string | undefined,
): Promise<AnswerLinks> {
	return createAnswerLinks(await secrets.keep('answer_links', randomBytes(KEY_BYTES)), publicUrl);
}

export function createAnswerLinks(key: Uint8Array, publicUrl: string | undefined): AnswerLinks {
	const sign = (body: Uint8Array): Buffer =>
		createHmac('sha256', key).update(PURPOSE).update(body).digest().subarray(0, MAC_BYTES);
	return {
		linkFor(incidentId, to) {
			const idBytes = idToBytes(incidentId);
			if (publicUrl === undefined || idBytes === undefined) return undefined;
			const { contactId, channel } = to;
			const [kind, name] =
				contactId === undefined ? [KINDS.channel, channel] : [KINDS.contact, contactId];
			const body = Buffer.concat([Buffer.of(kind), idBytes, Buffer.from(name)]);
			const token = Buffer.concat([body, sign(body)]).toString('base64url');
			return `${trimEndMatching(publicUrl, /\//)}${LINK_PATH}${token}`;
		},
		read(token) {
			const bytes = Buffer.from(token, 'base64url');
			// Other spellings of the same bytes are no tokens: there is one form of each link.
			if (bytes.toString('base64url') !== token) return undefined;
			if (bytes.length <= KIND_BYTES + ID_BYTES + MAC_BYTES) return undefined;
			const body = bytes.subarray(0, -MAC_BYTES);
			if (!timingSafeEqual(sign(body), bytes.subarray(-MAC_BYTES))) return undefined;
			return linkOf(body);
		},
	};
}

function linkOf(body: Buffer): AnswerLink | undefined {
	const incidentId = idFromBytes('inc', body.subarray(KIND_BYTES, KIND_BYTES + ID_BYTES));
	const name = body.subarray(KIND_BYTES + ID_BYTES).toString();
	switch (body[0]) {
		case KINDS.contact:
			return { incidentId, party: { kind: 'contact', contactId: name } };
		case KINDS.channel:
			return { incidentId, party: { kind: 'channel', channel: name } };
		default:
			// A kind of a later version.
			return undefined;
	}
}
