import type { MailReply, MailStage } from '../../ports.ts';
import { parseTryAgain } from '../../time.ts';
import type { Outcome } from '../channel.ts';
import {
	type CodedFailure,
	codedFailure,
	deliveredByService,
	forNow,
	permanently,
} from '../http-outcome.ts';

/** The replies that a rule matches. An absent field matches every reply. */
interface Rule {
	readonly stage?: readonly MailStage[];
	/** The reply code (RFC 5321 §4.2). */
	readonly status?: RegExp;
	/** The enhanced code (RFC 3463), '' where there is none. */
	readonly enhanced?: RegExp;
	/** Words that must all be in the text; used only where the codes are not precise enough. */
	readonly text?: readonly RegExp[];
	readonly is: CodedFailure;
}

/** Replies for a missing login or relay permission, which the operator can change. */
const RELAYING = /\brelay(?:ing)?\b/i;
const DENIED =
	/\b(?:denied|not permitted|not allowed|prohibited|unable to|do not|does not|cannot)\b/i;
const NO_LOGIN =
	/\bauthentication (?:is )?required\b|\bmust (?:authenticate|log ?in)\b|\bnot (?:logged in|authenticated)\b/i;

/** The server refuses our IP address because a blocklist has it. */
const BLOCKLISTED =
	/\bclient host\b|\bblocked using\b|\b(?:black|block)list|\bdnsbl\b|\bspamhaus\b/i;

const SENDER_REFUSED = /\bsender address rejected\b|\bnot owned by user\b|\b(?:spf|dkim|dmarc)\b/i;

const GREYLISTED = /\bgr[ea]y-?list/i;

const PER_PERIOD = /\b(?:daily|hourly|monthly|24-hour|per day)\b/i;
const LIMIT = /\b(?:limit|quota)\b/i;
const ACCOUNT_LIMIT = /\b(?:sending|submission) (?:limit|quota)\b|\bSubmissionQuotaExceeded/i;

const THROTTLED =
	/\btoo many (?:\w{1,20} )?(?:messages|e?-?mails|connections|requests|logins?|attempts|sessions)\b|\btoo (?:fast|much mail|frequent)|\brate[- ]?limit|\b(?<!size )limit exceeded\b|\bthrottl|\bsending rate\b/i;

const TOO_MANY_CONNECTIONS = /\bconnections?\b|\bconcurren|\bsessions?\b|\blogins?\b/i;

const UNKNOWN_RECIPIENT =
	/\bmailbox (?:is )?(?:unavailable|not found|disabled|unknown)|\b(?:user|recipient|address) (?:is )?(?:unknown|not found|rejected)|\bno such (?:user|mailbox|recipient|person)|\bunknown (?:user|recipient)/i;

const NO_RELAY = 'the server does not relay for us';

/**
 * The rules, from the most specific to the least; the first that matches counts. RFC 5321 §4.2.1: 4xx is transient, 5xx
 * permanent. RFC 3463: x.1 is about an address (x.1.7 and x.1.8 about the sender's), x.2 about a mailbox, x.3 about the
 * mail system, x.4 about the way there, x.5 about the protocol, x.6 about the content, x.7 about policy. The stage
 * tells the party: a refusal at RCPT is about one recipient, since the server has not seen the message yet.
 */
const RULES: readonly Rule[] = [
	// This recipient's mailbox: full, busy, switched off.
	{ enhanced: /^4\.2\./, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ enhanced: /^5\.2\.2$/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ status: /^4/, text: [GREYLISTED], is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },

	// This message.
	{
		enhanced: /^5\.(?:2\.3|3\.4)$/,
		is: permanently('MESSAGE_REJECTED', 'too long for the server'),
	},

	// The account's quota. Google's 5.4.5 is its daily limit (support.google.com/a/answer/3726730).
	{ enhanced: /^5\.4\.5$/, is: permanently('QUOTA_EXCEEDED') },
	{ enhanced: /^5\.7\.232$/, is: permanently('QUOTA_EXCEEDED') },
	{ status: /^5/, text: [PER_PERIOD, LIMIT], is: permanently('QUOTA_EXCEEDED') },
	{ status: /^4/, text: [PER_PERIOD, LIMIT], is: forNow('QUOTA_EXCEEDED') },
	{ status: /^5/, text: [ACCOUNT_LIMIT], is: permanently('QUOTA_EXCEEDED') },
	{ status: /^4/, text: [ACCOUNT_LIMIT], is: forNow('QUOTA_EXCEEDED') },

	// Our login and our rights: RFC 4954 §6, and Microsoft's 5.7.3, 5.7.57.
	{ status: /^(?:530|534|535|538)$/, is: permanently('AUTH_FAILED') },
	{ enhanced: /^5\.7\.(?:3|8|9|11|14|57)$/, is: permanently('AUTH_FAILED') },
	{ stage: ['auth'], status: /^5/, is: permanently('AUTH_FAILED') },
	{ status: /^432$/, is: permanently('AUTH_FAILED') },
	{ status: /^5/, text: [RELAYING, DENIED], is: permanently('AUTH_FAILED', NO_RELAY) },
	{ status: /^4/, text: [RELAYING, DENIED], is: forNow('AUTH_FAILED', NO_RELAY) },
	{ status: /^5/, text: [NO_LOGIN], is: permanently('AUTH_FAILED') },
	{ status: /^4/, text: [NO_LOGIN], is: forNow('AUTH_FAILED') },

	// Throttling, whatever the reply code. 4.7.28 is Google's, 4.7.5xx and 4.7.650 are Microsoft's for a sender that sends too fast.
	{
		status: /^4/,
		text: [THROTTLED, TOO_MANY_CONNECTIONS],
		is: forNow('RATE_LIMITED', undefined, 'us'),
	},
	{
		stage: ['rcpt'],
		status: /^4/,
		text: [THROTTLED],
		is: forNow('RATE_LIMITED', undefined, 'recipient'),
	},
	{ text: [THROTTLED], is: forNow('RATE_LIMITED') },
	{ enhanced: /^4\.7\.(?:28|5\d\d|6[45]\d)$/, is: forNow('RATE_LIMITED') },

	// The server as a whole.
	{ status: /^421$/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'service') },
	{
		stage: ['connect', 'tls', 'auth'],
		status: /^4/,
		is: forNow('SERVICE_UNAVAILABLE', undefined, 'service'),
	},
	{
		stage: ['connect', 'tls'],
		status: /^5/,
		is: permanently('AUTH_FAILED', 'the server does not talk to us'),
	},
	{
		status: /^5/,
		text: [BLOCKLISTED],
		is: permanently('MESSAGE_REJECTED', 'our address is on a blocklist', 'us'),
	},

	{
		status: /^5/,
		text: [SENDER_REFUSED],
		is: permanently('MESSAGE_REJECTED', undefined, 'sender'),
	},
	{ status: /^4/, text: [SENDER_REFUSED], is: forNow('SERVICE_UNAVAILABLE', undefined, 'sender') },

	// 4xx: the sender, then one recipient, then the server.
	{ enhanced: /^4\.1\.[78]$/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'sender') },
	{ stage: ['rcpt'], status: /^4/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ enhanced: /^4\.(?:1\.|7\.1$)/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ enhanced: /^4\.[34]\./, is: forNow('SERVICE_UNAVAILABLE', undefined, 'service') },
	{ stage: ['mail'], status: /^4/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'service') },
	{ status: /^45[012]$/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ status: /^[1-4]/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'service') },

	// 5xx: the sender.
	{ enhanced: /^5\.1\.[78]$/, is: permanently('MESSAGE_REJECTED', undefined, 'sender') },
	{
		enhanced: /^5\.7\.60$/,
		is: permanently('AUTH_FAILED', '"from" is not an address of this login', 'sender'),
	},
	{
		stage: ['mail'],
		status: /^552$/,
		is: permanently('MESSAGE_REJECTED', 'too long for the server'),
	},
	{ stage: ['mail'], is: permanently('MESSAGE_REJECTED', 'the server refused "from"', 'sender') },

	// 5xx: the recipient.
	{ stage: ['rcpt'], status: /^552$/, is: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient') },
	{ stage: ['rcpt'], is: permanently('RECIPIENT_REJECTED') },
	{ enhanced: /^5\.[124]\./, is: permanently('RECIPIENT_REJECTED') },
	{ stage: ['data'], is: permanently('MESSAGE_REJECTED') },
	{ enhanced: /^5\.[35]\./, text: [UNKNOWN_RECIPIENT], is: permanently('RECIPIENT_REJECTED') },
	{ status: /^55[0136]$/, enhanced: /^$/, is: permanently('RECIPIENT_REJECTED') },
	{ is: permanently('MESSAGE_REJECTED') },
];

const matches = (
	{ stage, status, enhanced, text }: Rule,
	reply: MailReply,
	code: string,
): boolean =>
	(!stage || (reply.stage !== undefined && stage.includes(reply.stage))) &&
	(!status || status.test(String(reply.status))) &&
	(!enhanced || enhanced.test(code)) &&
	(!text || text.every((words) => words.test(reply.text)));

/** Characters of a reply that the rules look at. Real ones are shorter: RFC 5321 §4.5.3.1.5 gives a line 512 bytes. */
const LONGEST_TEXT = 1_000;

/**
 * The outcome of a mail by the server's reply. `said` is its text as it may be shown; `now` in milliseconds, for a wait
 * that is given as a date.
 */
export function classifyMailReply(reply: MailReply, said: string, now: number): Outcome {
	const { status } = reply;
	if (status >= 200 && status < 300) return deliveredByService;
	const text = reply.text.slice(0, LONGEST_TEXT);
	// RFC 2034 §3: the enhanced code is the text's first word.
	const code = /^(?:\d{3}[ -])?([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(text)?.[1] ?? '';
	const rule = RULES.find((one) => matches(one, { ...reply, text }, code));
	const message = `The mail server answered ${status}${said ? `: ${said}` : ''}`;
	return codedFailure(
		rule?.is ?? permanently('MESSAGE_REJECTED'),
		message,
		parseTryAgain(text, now),
	);
}
