import { randomBytes } from 'node:crypto';

/** A secret in the form that Standard Webhooks gives it. */
export function newSecret(): string {
	return `whsec_${randomBytes(32).toString('base64')}`;
}
