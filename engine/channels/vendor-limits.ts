import type { Rate } from '../rate.ts';

/** The rates that a vendor documents for its API. */
export interface VendorLimits {
	readonly rate?: Rate;
	readonly recipientRate?: (recipient: string) => Rate;
	readonly concurrency?: number;
}

const ONCE_A_SECOND: Rate = { perS: 1, burst: 1 };

// docs.slack.dev/apis/web-api/rate-limits: "Posting messages", "Incoming webhooks": 1 per second, short bursts allowed.
const SLACK_WEBHOOK: VendorLimits = { rate: ONCE_A_SECOND };
// The same page: chat.postMessage "generally allows posting one message per second per channel".
const SLACK_BOT: VendorLimits = { recipientRate: () => ONCE_A_SECOND };
// core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: "about 30 messages per second" in all, one
// a second in a chat, 20 a minute in a group: 5 at once and one per 4 s, so 5 + 15 within any minute. A group's id is
// negative, or a public name.
const TELEGRAM: VendorLimits = {
	rate: { perS: 30, burst: 30 },
	recipientRate: (chat) => (/^[-@]/.test(chat) ? { perS: 0.25, burst: 5 } : ONCE_A_SECOND),
};
// docs.discord.com/developers/topics/rate-limits: 50 requests a second in all; the webhook's own limit is in the headers
// of each answer and "should not be hard coded", so the next request waits for them.
const DISCORD: VendorLimits = { rate: { perS: 50, burst: 50 }, concurrency: 1 };
// resend.com/docs/api-reference/rate-limit: 5 requests a second for a team by default.
const RESEND: VendorLimits = { rate: { perS: 5, burst: 5 } };

/**
 * By the host that is called, because a proxy or a compatible server has limits of its own. A vendor without a documented
 * rate is not listed. Twilio, for one, queues messages itself (twilio.com/docs/api/errors/21611) and answers 429 if need be.
 */
const BY_HOST: Readonly<Record<string, VendorLimits>> = {
	'hooks.slack.com': SLACK_WEBHOOK,
	'slack.com': SLACK_BOT,
	// Slack for the US government (docs.slack.dev/govslack).
	'hooks.slack-gov.com': SLACK_WEBHOOK,
	'slack-gov.com': SLACK_BOT,
	'api.telegram.org': TELEGRAM,
	'discord.com': DISCORD,
	'discordapp.com': DISCORD,
	'api.resend.com': RESEND,
};

/** Other names of the same service: `www.`, and Discord's test versions, whose host a copied webhook URL may have. */
const SAME_SERVICE = /^(?:www|ptb|canary)\.(?=discord(?:app)?\.com$|slack(?:-gov)?\.com$)/;

export function vendorLimitsAt(url: string): VendorLimits {
	const written = URL.parse(url)?.hostname.replace(/\.$/, '') ?? '';
	const host = written.replace(SAME_SERVICE, '');
	return Object.hasOwn(BY_HOST, host) ? { ...BY_HOST[host] } : {};
}
