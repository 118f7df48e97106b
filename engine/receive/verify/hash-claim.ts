import { createHash } from 'node:crypto';
import { sameBytes } from '../../signing/compare.ts';

/** True when a claim is the SHA-256 in hex of these bytes. */
export function isHashOf(claim: unknown, bytes: string | Uint8Array): boolean {
	if (typeof claim !== 'string' || !/^[0-9a-f]{64}$/i.test(claim)) return false;
	return sameBytes(Buffer.from(claim, 'hex'), createHash('sha256').update(bytes).digest());
}
