/**
 * Signatures: content and secrets in, a signature or a verdict out. Both directions of a scheme share a file. Nothing here
 * knows requests, channels or endpoints, so all of them may use it.
 *
 * @module
 */
export { isSignedByRules, decodeSignatures, type SignatureRules } from './by-rules.ts';
export { isOneOf, sameBytes, sameSecret } from './compare.ts';
export { hexHmac, isHmacOfOne } from './hmac.ts';
export { type DigestAlgorithm, isKeyedDigest } from './keyed-digest.ts';
export { ecdsaKey, signingKey, standardWebhooksKey } from './keys.ts';
export {
	FORMER_SIGNATURE,
	onePingDigest,
	type OnePingHeaders,
	SIGNATURE_INPUTS,
	type SignatureInput,
	signFormer,
	signOnePing,
} from './one-ping.ts';
export { pythonJson } from './python-json.ts';
export {
	isSignedStandardWebhook,
	isStandardWebhooksSecret,
	readSignatures,
	signStandardWebhook,
} from './standard-webhooks.ts';
export { contentSignedByTwilio, twilioParameters } from './twilio.ts';
