import { firstCharacters } from '../../engine/graphemes.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Explanation } from '../http/explanation.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import { HIDDEN } from './answer-without-secret.ts';
import type { ServiceNames } from './hosted-service.ts';

/** For a send that got no answer. */
export function explainUnansweredSend(
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

/** For a query that got no answer; it can be repeated. */
export function explainUnansweredQuery(
	{ title, credentialTitle }: ServiceNames,
	{ detail }: Unanswered,
): Explanation {
	return {
		message: `${title} did not answer: ${detail}`,
		description: `Check the address in the ${credentialTitle} credential and the network of n8n.`,
		httpCode: null,
	};
}

/** For a query that was answered with success, but not with what the API documents. */
export function explainUnexpected(
	{ title, credentialTitle }: ServiceNames,
	{ status, body }: ApiReply,
): Explanation {
	return {
		message: `${title} answered ${status}, but not as its API documents`,
		description: `Check the address in the ${credentialTitle} credential: something else may answer there. It answered: ${excerptOf(body)}`,
		httpCode: null,
	};
}

/** The start of an API's answer, short enough for a message. */
export function excerptOf(body: unknown): string {
	return firstCharacters(typeof body === 'string' ? body : JSON.stringify(body ?? ''), 300);
}

/** For a refusal that the API's documentation says nothing more precise about. */
export function explainStatus(
	{ title, credentialTitle, keyName = 'API Key' }: ServiceNames,
	{ status, body }: ApiReply,
	action: string,
	words: string = excerptOf(body),
): Explanation {
	if (isSuccess(status)) {
		return {
			message: `${title} did not ${action}: it answered ${status} with a refusal`,
			description: `Correct what the answer names. It answered: ${words}`,
			httpCode: null,
		};
	}
	const isKey = status === 401 || status === 403;
	const advice = isKey
		? `Set the ${keyName} of the ${credentialTitle} credential to the one in the ${title} dashboard.`
		: status === 429 || status >= 500
			? 'n8n asked several times. Try again later.'
			: 'Correct what the answer names.';
	return {
		message: isKey
			? `${title} does not accept the ${keyName === 'API Key' ? 'API key' : keyName.toLowerCase()}`
			: `${title} did not ${action}: it answered ${status}`,
		description: `${advice} It answered: ${words}`,
		httpCode: String(status),
	};
}

export function isSuccess(status: number): boolean {
	return status >= 200 && status < 300;
}

/** The same explanation without a secret, which a proxy's answer may repeat. */
export function withoutSecret(explanation: Explanation, secret: string): Explanation {
	if (secret === '') return explanation;
	const hide = (text: string): string => text.replaceAll(secret, HIDDEN);
	const { message, description, httpCode } = explanation;
	return { message: hide(message), description: hide(description), httpCode };
}
