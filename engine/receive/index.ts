import type { ProviderId } from '../providers.ts';
import { onePing } from './one-ping.ts';
import type { RawRequest, Received, ReceiveOptions, Receiver } from './received.ts';
import { sureping } from './sureping.ts';

export {
	type RawRequest,
	type Received,
	type ReceivedEvent,
	type ReceiveOptions,
	REJECTION_REASONS,
	type RejectionReason,
} from './received.ts';
export {
	explainRejection,
	type Explanation,
	type Mistake,
	type MistakeCode,
} from './explain/index.ts';
export { DEFAULT_TOLERANCE_S } from './timestamp.ts';

const RECEIVERS: Readonly<Record<ProviderId, Receiver>> = {
	sureping,
	'one-ping': onePing,
};

/** Verifies and reads one webhook request. Fails closed: without a secret nothing is ever accepted. */
export function receive(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Received {
	return RECEIVERS[provider](request, secrets, options);
}
