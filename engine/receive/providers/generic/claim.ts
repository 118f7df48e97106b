import type { GenericRules } from './rules.ts';
import { type RawRequest, refuse, type Rejection } from '../../verify/verification.ts';

/** The content of a signature header, not proved yet. */
export interface Claim {
	readonly ok: true;
	/** One of them must be right: during a change of secrets a sender signs with each. */
	readonly signatures: readonly string[];
	/** The time of signing, where it is in the same header. */
	readonly timestamp?: string;
}

/** A sender has few secrets and schemes at a time; the bound is for others. */
const MOST_PARTS = 16;

/** Reads the signature header as the rules describe it: a signature, or a list such as `t=1700000000,v1=…,v1=…`. */
export function claimOf(
	{ headers }: RawRequest,
	{ signatureHeader, signaturePrefix = '', signaturePart, timestampPart }: GenericRules,
): Claim | Rejection {
	const header = headers[signatureHeader];
	if (header === undefined || header === '') return refuse('missing_header');
	if (typeof header !== 'string' || !header.startsWith(signaturePrefix)) {
		return refuse('malformed_signature');
	}
	const value = header.slice(signaturePrefix.length).trim();
	if (signaturePart === undefined) return { ok: true, signatures: [value] };
	const parts = value.split(/[,;]/, MOST_PARTS + 1);
	if (parts.length > MOST_PARTS) return refuse('malformed_signature');
	const signatures = valuesOf(parts, signaturePart);
	if (timestampPart === undefined) return { ok: true, signatures };
	const [timestamp, ...others] = valuesOf(parts, timestampPart);
	// Readers differ in which of two counts.
	return timestamp === undefined || others.length > 0
		? refuse('malformed_signature')
		: { ok: true, signatures, timestamp };
}

function valuesOf(parts: readonly string[], name: string): readonly string[] {
	return parts
		.map((part) => part.trim())
		.filter((part) => part.startsWith(`${name}=`))
		.map((part) => part.slice(name.length + 1));
}
