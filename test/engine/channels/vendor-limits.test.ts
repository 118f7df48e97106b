import { vendorLimitsAt } from '../../../engine/channels/vendor-limits.ts';

const none = {};

describe('a vendor’s limits hold for', () => {
	it.each([
		['https://discord.com/api/webhooks/1/x', 'https://discord.com/'],
		['https://ptb.discord.com/api/webhooks/1/x', 'https://discord.com/'],
		['https://canary.discord.com/api/webhooks/1/x', 'https://discord.com/'],
		['https://CANARY.discordapp.com./api/webhooks/1/x', 'https://discord.com/'],
		['https://hooks.slack-gov.com/services/T/B/x', 'https://hooks.slack.com/'],
		['https://slack-gov.com/api', 'https://slack.com/'],
		['https://api.telegram.org:443/', 'https://api.telegram.org/'],
	])('%s as for %s', (url, known) => {
		expect(JSON.stringify(vendorLimitsAt(url))).toBe(JSON.stringify(vendorLimitsAt(known)));
		expect(vendorLimitsAt(url)).not.toEqual(none);
	});

	it.each([
		'https://discord.com.example.com/',
		'https://notdiscord.com/',
		'https://ptb.example.com/',
		'http://127.0.0.1/',
		'nothing',
		'https://constructor/',
	])('%s not at all', (url) => {
		expect(vendorLimitsAt(url)).toEqual(none);
	});
});
