/** User agents of privacy proxies and scanners, each with its documentation. */
const MACHINES: readonly { readonly agent: RegExp; readonly source: string }[] = [
	// Apple's Mail Privacy Protection fetches every image when a mail arrives, and sends nothing but this.
	{ agent: /^Mozilla\/5\.0$/, source: 'https://www.mailgun.com/blog/product/bot-detection/' },
	{
		agent: /GoogleImageProxy/,
		source: 'https://www.scientiamobile.com/what-is-google-image-proxy/',
	},
	{
		agent: /YahooMailProxy/,
		source: 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
	},
	{
		agent: /HeadlessChrome/,
		source: 'https://developer.chrome.com/docs/chromium/headless',
	},
	{ agent: /Slackbot-LinkExpanding/, source: 'https://api.slack.com/robots' },
	{
		agent: /facebookexternalhit/,
		source: 'https://developers.facebook.com/docs/sharing/webmasters/web-crawlers/',
	},
];

/**
 * True when a privacy proxy or a scanner opened or clicked, by its own user agent. Everything else counts as a person:
 * nothing is guessed from an address or from timing. HEAD asks for no content, so it is a machine.
 */
export function isMachine(userAgent: string | undefined, method = 'GET'): boolean {
	const agent = userAgent?.trim() ?? '';
	return method === 'HEAD' || MACHINES.some((machine) => machine.agent.test(agent));
}
