import { type ProviderId, PROVIDERS } from '../../providers.ts';
import { type RawRequest, REJECTION_REASONS, type RejectionReason } from '../received.ts';
import { SCHEMES } from '../schemes.ts';
import type { Explanation } from './index.ts';
import { mistake } from './mistakes.ts';
import { knownSender } from './other-headers.ts';

/** The rule that a request broke, for the providers whose common mistakes are not searched for. */
export function explainGenerally(
	reason: RejectionReason,
	provider: ProviderId,
	request: RawRequest,
): Explanation {
	const { proof, secret, documentation } = SCHEMES[provider];
	const sender = reason === 'missing_header' ? knownSender(request) : undefined;
	const isAnother = sender !== undefined && !sender.includes(PROVIDERS[provider].title);
	return {
		rule: proof,
		documentation,
		expected: `a request of ${PROVIDERS[provider].title}; its secret is ${secret}`,
		received: `${REJECTION_REASONS[reason]}; the headers are ${names(request)}`,
		mistakes: isAnother ? [mistake('webhook_of_another', sender)] : [],
	};
}

function names({ headers }: RawRequest): string {
	return Object.keys(headers).slice(0, 30).join(', ') || 'none';
}
