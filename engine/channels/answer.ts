import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';
import type { CheckResult, Failed, Outcome } from './channel.ts';
import {
	acceptedAs,
	classifyHttpStatus,
	classifyTransportFailure,
	codedFailure,
	deliveredByService,
	isThrottling,
	jsonObject,
	permanentFailure,
	transientFailure,
	type VendorErrors,
	waitOfThrottling,
} from './http-outcome.ts';

/** The parts of a vendor's answer that its documentation gives a meaning. */
export interface Said {
	/** The service's own id of the message. */
	readonly id?: unknown;
	/** The body says in the vendor's own way that the message was not taken; `ok: false` and `success: false` always do. */
	readonly refuses?: boolean;
	/** The vendor's error word or number as it may be shown; '' for none. */
	readonly errorCode?: string;
	/** Milliseconds that the body asks to wait, where the vendor puts that before `Retry-After`. */
	readonly waitMs?: number | undefined;
	/** The body asks to slow down, whatever the status. */
	readonly throttles?: boolean;
	/** A meaning that only this vendor's sentence or field has. */
	readonly failure?: Failed | undefined;
}

export type Answer = Readonly<Record<string, unknown>>;

export interface Vendor {
	/** The service's name, for people. */
	readonly service: string;
	readonly errors: VendorErrors;
	/** `answer` is the body where that is a JSON object; `answered` begins a message for people. */
	read(reply: HttpReply, answer: Answer | undefined, answered: string, now: number): Said;
}

/**
 * The rules by which every vendor's answer to a send is read:
 *
 * 1. Throttling is throttling, whatever its status or word.
 * 2. A 2xx is acceptance unless its body plainly says no. A body that cannot be read may come from a proxy or from a
 * new version of the API; the message may have been taken, so it is never sent again.
 * 3. A refusal means what the vendor documents for its word or sentence.
 * 4. A refusal with an unknown error word is final: another attempt would most likely fail the same way.
 * 5. Anything else means what its HTTP status means.
 */
export function readAnswer(
	{ service, errors, read }: Vendor,
	reply: HttpReply | TransportFailure,
	now: number,
): Outcome {
	if ('failure' in reply) return classifyTransportFailure(service, reply);
	const { status } = reply;
	const answered = `${service} answered ${status}`;
	const answer = jsonObject(reply.body);
	const {
		id,
		errorCode = '',
		waitMs,
		throttles,
		failure,
		...said
	} = read(reply, answer, answered, now);
	const refuses = said.refuses === true || answer?.ok === false || answer?.success === false;
	const isSuccess = status >= 200 && status < 300;
	if (isSuccess && !refuses && !throttles) return acceptedAs(id);

	const message = `${answered}${errorCode && ` (${errorCode})`}`;
	const coded = Object.hasOwn(errors, errorCode) ? errors[errorCode] : undefined;
	const isQuota = coded?.code === 'QUOTA_EXCEEDED';
	if (!isQuota && (throttles || coded?.code === 'RATE_LIMITED' || isThrottling(reply, now))) {
		const wait = waitMs ?? waitOfThrottling(reply, now);
		return coded?.code === 'RATE_LIMITED'
			? codedFailure(coded, message, wait)
			: transientFailure('RATE_LIMITED', message, wait);
	}
	if (failure) return failure;
	if (coded) {
		return codedFailure(
			coded,
			message,
			waitMs ?? parseRetryAfter(reply.headers['retry-after'], now),
		);
	}
	return isSuccess
		? permanentFailure('UNEXPECTED_ANSWER', `${message} and refused the message`)
		: classifyHttpStatus(service, reply, now, errorCode);
}

/** The outcome of a test of credentials whose answer does not prove them: never a success by its status alone. */
export function unproven(outcome: Outcome, missing: string): CheckResult {
	return outcome.result === 'failed' ? outcome : transientFailure('UNEXPECTED_ANSWER', missing);
}

type Classify = (reply: HttpReply | TransportFailure, now: number) => Outcome;

/** The same classification, but an id that repeats the credential is dropped: a proxy may echo the request. */
export function withoutEcho(classify: Classify, credential: string): Classify {
	return (reply, now) => {
		const outcome = classify(reply, now);
		const echoes = outcome.result === 'delivered' && outcome.messageId?.includes(credential);
		return echoes ? deliveredByService : outcome;
	};
}
