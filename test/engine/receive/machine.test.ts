import { isMachine } from '../../../engine/receive/parse/machine.ts';

describe('what opens or clicks a mail', () => {
	it.each([
		'Mozilla/5.0',
		' Mozilla/5.0 ',
		'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
		'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
		'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
		'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
		'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
	])('is a machine where it says so: %s', (agent) => {
		expect(isMachine(agent)).toBe(true);
	});

	it.each([
		undefined,
		'',
		'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
		'Mozilla/5.0 (Linux; Android 9; itel A27) AppleWebKit/537.36 Chrome/133.0.6943.143 Mobile Safari/537.36',
	])('is a person otherwise: %s', (agent) => {
		expect(isMachine(agent)).toBe(false);
	});

	it('is a machine when it asks for nothing but the head', () => {
		expect(isMachine('Mozilla/5.0 (Macintosh) Safari/605.1.15', 'HEAD')).toBe(true);
		expect(isMachine('Mozilla/5.0 (Macintosh) Safari/605.1.15', 'GET')).toBe(false);
	});
});
