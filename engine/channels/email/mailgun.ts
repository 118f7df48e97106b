import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { parseTryAgain } from '../../time.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from '../answer.ts';
import {
	type CheckResult,
	type Failed,
	type HttpExchange,
	type Outcome,
	service,
} from '../channel.ts';
import { jsonObject, permanentFailure, works } from '../http-outcome.ts';
import { optionalBaseUrl, urlBelow } from '../base-url.ts';
import { fromSetting, refuseOver, refuseRecipient, subjectLine, writeMailbox } from './address.ts';

/** A domain and its keys live in one region (documentation.mailgun.com/docs/mailgun/api-reference/api-overview). */
const REGIONS = { us: 'https://api.mailgun.net', eu: 'https://api.eu.mailgun.net' } as const;

/**
 * Mail through Mailgun: POST /v3/{domain}/messages as a form, with the key as the password of the user "api"
 * (documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages). Mailgun documents no idempotency: an
 * attempt whose answer was lost may be mailed twice.
 */
export const mailgun = service({
	key: 'mailgun',
	title: 'Mailgun',
	needs: 'http',
	settings: z.strictObject({
		mailgun: z
			.strictObject({
				api_key: z
					.string()
					.min(1)
					.meta({ description: 'API key of Mailgun.', examples: ['${MAILGUN_KEY}'] }),
				domain: z
					.string()
					.regex(
						/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
						'must be a domain, such as "mg.example.com"',
					)
					.meta({ description: 'Sending domain.', examples: ['mg.example.com'] }),
				region: z.enum(['us', 'eu']).default('us').describe('Region of the domain.'),
			})
			.describe('Account at Mailgun.'),
		from: fromSetting,
		base_url: optionalBaseUrl,
	}),
	open({ mailgun: { api_key, domain, region }, from, base_url = REGIONS[region] }) {
		const messages = urlBelow(base_url, `/v3/${domain}/messages`);
		const authorization = `Basic ${Buffer.from(`api:${api_key}`).toString('base64')}`;
		const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
		const emptyPost = (timeoutMs: number): HttpExchange<CheckResult> => ({
			via: 'http',
			request: { method: 'POST', url: messages, headers, body: '', timeoutMs },
			classify: classifyEmptyPost,
		});
		return {
			defaultRecipient: undefined,
			refuseRecipient,
			// "Mailgun supports maximum messages size of 25MB" (documentation.mailgun.com/en/latest/api-sending.html).
			refuseMessage: refuseOver(25, 'Mailgun'),
			prepare: ({ recipient, subject, text, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: messages,
					headers,
					body: new URLSearchParams({
						from: writeMailbox(from),
						to: recipient,
						subject: subjectLine(subject, text),
						text,
					}).toString(),
					timeoutMs,
				},
				classify: withoutEcho(classify, api_key),
			}),
			// "Get domain details". A domain's sending key may not ask, so it is tested by a call that it may make.
			check: (timeoutMs) => ({
				via: 'http',
				request: {
					method: 'GET',
					url: urlBelow(base_url, `/v4/domains/${domain}`),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyDomain,
				followUp: ({ status }) =>
					status === 401 || status === 403 ? emptyPost(timeoutMs) : undefined,
			}),
		};
	},
});

/**
 * …/api-overview, "API Response Codes": a status, and a sentence in `message`. There are no error words. A domain over a
 * limit is answered 420 or 429 and "… limit exceeded, try again after DATE" (github.com/mailgun/mailgun-java/issues/50).
 */
const MAILGUN: Vendor = {
	service: 'Mailgun',
	errors: {},
	read({ status }, answer, answered, now) {
		// Its reports give the id without the brackets.
		const id = typeof answer?.id === 'string' ? answer.id.replace(/^<|>$/g, '') : undefined;
		const sentence = typeof answer?.message === 'string' ? answer.message.slice(0, 1000) : '';
		const isOverLimit = /\blimit exceeded\b/i.test(sentence) && status >= 400;
		return {
			id,
			throttles: isOverLimit,
			// The date of the sentence is when this limit ends; the headers are about the requests of the account.
			waitMs: isOverLimit ? parseTryAgain(sentence, now) : undefined,
			failure: status >= 400 ? failureOf(status, sentence, answered) : undefined,
		};
	},
};

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(MAILGUN, reply, now);

function failureOf(status: number, sentence: string, answered: string): Failed | undefined {
	// A sandbox domain or a free account mails to authorized recipients alone, and says so by 400 or 403.
	if ((status === 400 || status === 403) && /authorized recipients/i.test(sentence)) {
		return permanentFailure('RECIPIENT_REJECTED', `${answered}: not an authorized recipient`);
	}
	if ((status === 400 || status === 403) && /\bnot allowed to send\b/i.test(sentence)) {
		return permanentFailure('AUTH_FAILED', `${answered}: the domain may not send`, 'sender');
	}
	switch (status) {
		case 400:
			// "parameter is not a valid address" (…/api-sending.html, note): the sentence alone names the parameter.
			return /^'?to'? parameter/i.test(sentence)
				? permanentFailure('RECIPIENT_REJECTED', `${answered} about the recipient`)
				: permanentFailure('MESSAGE_REJECTED', answered);
		case 401:
			return permanentFailure('AUTH_FAILED', `${answered}: are key and region right?`);
		case 403:
			return permanentFailure('AUTH_FAILED', answered);
		case 404:
			return permanentFailure('TARGET_GONE', `${answered}: are domain and region right?`);
		default:
			return undefined;
	}
}

const UNDOCUMENTED = 'Mailgun answered what it does not document';

function classifyDomain(reply: HttpReply | TransportFailure, now: number): CheckResult {
	const domain = 'body' in reply ? jsonObject(reply.body)?.domain : undefined;
	if ('status' in reply && reply.status === 200 && typeof domain === 'object' && domain) {
		const { state } = { state: '', ...domain };
		return state === 'disabled'
			? permanentFailure('AUTH_FAILED', 'The Mailgun domain is disabled')
			: works(state === 'unverified' ? 'the domain is not verified yet' : undefined);
	}
	return unproven(classify(reply, now), UNDOCUMENTED);
}

/**
 * A post without any field mails nothing: a key that may send gets a 400 about the missing fields, another is refused.
 */
function classifyEmptyPost(reply: HttpReply | TransportFailure, now: number): CheckResult {
	return 'status' in reply && reply.status === 400
		? works('the key may send and nothing else')
		: unproven(classify(reply, now), UNDOCUMENTED);
}
