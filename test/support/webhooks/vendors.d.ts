/** Types of packages that come without them, as far as the tests use them. */
declare module 'sns-validator' {
	export default class MessageValidator {
		validate(
			message: string,
			callback: (error: Error | null, message?: Record<string, unknown>) => void,
		): void;
	}
}

declare module 'messagebird/lib/webhook-signature-jwt.js' {
	import type { KeyObject } from 'node:crypto';

	export const VerifyOptions: new (
		validateUrl: boolean,
		validatePayload: boolean,
		jwtVerifyOptions: object,
	) => object;
	export function verify(
		url: string,
		payload: Buffer | null,
		jwt: string,
		key: KeyObject,
		options?: object,
	): Promise<true>;
}
