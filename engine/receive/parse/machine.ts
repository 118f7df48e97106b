/** User agents that say of themselves that no person's mail client or browser is behind them, and who documents that. */
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
 * Whether a privacy proxy or a scanner opened or clicked, as far as it says so itself. Whatever does not is taken for a
 * person: nothing is guessed from an address or from how fast it was. HEAD asks for no content, so nobody reads it.
 */
export function isMachine(userAgent: string | undefined, method = 'GET'): boolean {
	const agent = userAgent?.trim() ?? '';
	return method === 'HEAD' || MACHINES.some((machine) => machine.agent.test(agent));
}
