/** The first page of the site, above the table of contents that is docs/README.md. */
export const HOME = {
	layout: 'home',
	hero: {
		name: 'Sureping',
		text: 'Your messages arrive, or you are told',
		tagline:
			'The notification layer for self-hosted n8n. It keeps trying, falls back to another channel, and starts a workflow when a message reached nobody.',
		image: { light: '/sureping.svg', dark: '/sureping.dark.svg', alt: '' },
		actions: [
			{ theme: 'brand', text: 'Quick start', link: '/quick-start' },
			{ theme: 'alt', text: 'How it works', link: '/concepts' },
		],
	},
	features: [
		{
			title: 'Retries and fallback',
			details:
				'Slack fails, the mail goes out. What was accepted is on disk before you get the answer.',
			link: '/concepts',
		},
		{
			title: 'Three nodes for n8n',
			details: 'Send, be started by delivery events, or poll for them. 1.123 and newer.',
			link: '/n8n/send',
		},
		{
			title: 'Webhooks of 22 providers',
			details: 'Each one verified, and in the same form. A forged or repeated one starts nothing.',
			link: '/reference/providers',
		},
	],
};
