import type { ReceiveOptions } from '../options.ts';
import type { RawRequest, RejectionReason } from '../verify/verification.ts';
import type { Mistake } from './mistakes.ts';

/** The explanation of a refusal, for the person who has the secret. No part of it is a secret or a valid signature. */
export interface Explanation {
	/** The rule that was broken, and where it is documented. */
	readonly rule: string;
	readonly documentation: string;
	readonly expected: string;
	readonly received: string;
	/** Common mistakes that would lead to exactly this request. Empty when none does. */
	readonly mistakes: readonly Mistake[];
}

/** A rejection with the arguments that `receive` was called with. */
export interface Rejected {
	readonly reason: RejectionReason;
	readonly request: RawRequest;
	readonly secrets: readonly string[];
	readonly options: ReceiveOptions;
	/** The title of another provider whose headers the request has. */
	readonly otherSender: string | undefined;
}

export type Explain = (rejected: Rejected) => Explanation;
