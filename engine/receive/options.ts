import type { SignatureInput } from '../signing/one-ping.ts';
import type { GenericRules } from './providers/generic/rules.ts';
import type { Found } from './verify/verification.ts';

/** Settings of one reception: of all providers, or of the provider that each one names. */
export interface ReceiveOptions {
	/** Milliseconds since 1970. */
	readonly now: number;
	/** Seconds that a timestamp may differ from `now`, either way; exactly that much passes. Default: 300. */
	readonly toleranceS?: number;
	/** One-Ping: accept this older form as well; each but `timestamped` must be asked for. */
	readonly signatureInput?: SignatureInput;
	/** WhatsApp: the token that Meta must repeat when the webhook is set up. Without it no setup is answered. */
	readonly verifyToken?: string;
	/** `generic`: how its requests are signed and where their facts are. */
	readonly generic?: GenericRules;
	/** The entry that the request came in by, such as `twilio/sms`. It keeps unreadable events of two entries apart. */
	readonly entry?: string;
	/** Facts that the host found out because a rejection had a `need`. */
	readonly found?: Found;
}
