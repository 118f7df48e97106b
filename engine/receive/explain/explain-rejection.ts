import type { ReceiveOptions } from '../options.ts';
import { type ProviderId, PROVIDERS } from '../providers/index.ts';
import {
	type RawRequest,
	REJECTION_REASONS,
	type RejectionReason,
} from '../verify/verification.ts';
import type { Explanation, Rejected } from './explanation.ts';
import { mistake } from './mistakes.ts';

/** Explains a rejection of `receive` for the same arguments. Never throws. */
export function explainRejection(
	reason: RejectionReason,
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Explanation {
	const otherSender = senderByHeaders(request, provider);
	const rejected: Rejected = { reason, request, secrets, options, otherSender };
	return PROVIDERS[provider].explain?.(rejected) ?? explainGenerally(provider, rejected);
}

/** States the rule that a request broke, for the providers whose common mistakes are not searched for. */
function explainGenerally(
	provider: ProviderId,
	{ reason, request, otherSender }: Rejected,
): Explanation {
	const { title, scheme } = PROVIDERS[provider];
	const isAnother = reason === 'missing_header' && otherSender !== undefined;
	return {
		rule: scheme.proof,
		documentation: scheme.documentation,
		expected: `a request of ${title}; its secret is ${scheme.secret}`,
		received: `${REJECTION_REASONS[reason]}; the headers are ${names(request)}`,
		mistakes: isAnother ? [mistake('webhook_of_another', otherSender)] : [],
	};
}

/** Signature headers of senders that are no providers. */
const OTHERS: Readonly<Record<string, string>> = { 'x-shopify-hmac-sha256': 'Shopify' };

/** The sender that a request's headers give away, several where they share a header; undefined where it may be `own`. */
function senderByHeaders({ headers }: RawRequest, own: ProviderId): string | undefined {
	const has = (name: string): boolean => Object.hasOwn(headers, name);
	const senders = Object.values(PROVIDERS).filter(({ signatureHeaders = [] }) =>
		signatureHeaders.some(has),
	);
	if (senders.some(({ id }) => id === own)) return undefined;
	const others = Object.keys(OTHERS).filter(has);
	const titles = [...senders.map(({ title }) => title), ...others.map((name) => OTHERS[name])];
	return titles.length > 0 ? titles.join(' or ') : undefined;
}

function names({ headers }: RawRequest): string {
	return Object.keys(headers).slice(0, 30).join(', ') || 'none';
}
