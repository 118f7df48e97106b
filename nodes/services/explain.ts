import { firstCharacters } from '../../engine/graphemes.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Explanation } from '../http/explanation.ts';
import type { Unanswered } from '../http/transport-failure.ts';

export interface ServiceNames {
	readonly title: string;
	readonly credentialTitle: string;
	/** What a credential is missing when it is refused. */
	readonly keyName?: string;
}

/** For a send that got no answer. */
export function explainSilence(
	{ title, credentialTitle }: ServiceNames,
	{ detail, mayHaveArrived }: Unanswered,
): Explanation {
	return {
		message: `${title} did not answer: ${detail}`,
		description: mayHaveArrived
			? `The notification may have been taken, so it was not sent again. Check the ${title} dashboard before you run this item again.`
			: `Nothing was sent. Check the address in the ${credentialTitle} credential and the network of n8n.`,
		httpCode: null,
	};
}

/** For a question that got no answer, which can be asked again. */
export function explainUnreached(
	{ title, credentialTitle }: ServiceNames,
	{ detail }: Unanswered,
): Explanation {
	return {
		message: `${title} did not answer: ${detail}`,
		description: `Check the address in the ${credentialTitle} credential and the network of n8n.`,
		httpCode: null,
	};
}

/** An API's own words, short enough for a message. */
export function said(body: unknown): string {
	return firstCharacters(typeof body === 'string' ? body : JSON.stringify(body ?? ''), 300);
}

/** For a refusal that the API's documentation says nothing more precise about. */
export function explainStatus(
	{ title, credentialTitle, keyName = 'API Key' }: ServiceNames,
	{ status, body }: ApiReply,
	words: string = said(body),
): Explanation {
	const isKey = status === 401 || status === 403;
	const advice = isKey
		? `Set the ${keyName} of the ${credentialTitle} credential to the one in the ${title} dashboard.`
		: status === 429 || status >= 500
			? 'It was asked several times. Try again later.'
			: 'Correct what the answer names.';
	return {
		message: isKey
			? `${title} does not accept the ${keyName === 'API Key' ? 'API key' : keyName.toLowerCase()}`
			: `${title} did not take the notification: it answered ${status}`,
		description: `${advice} It answered: ${words}`,
		httpCode: String(status),
	};
}
