import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`) with the engine's own test. */
export class SurepingMailgunApi implements ICredentialType {
	name = 'surepingMailgunApi';

	displayName = 'Sureping Mailgun (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://documentation.mailgun.com/docs/mailgun/api-reference/api-overview';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. key-…',
			description: 'A sending key of the domain is enough',
		},
		{
			displayName: 'Domain',
			name: 'domain',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. mg.example.com',
			description: 'The sending domain, as shown in Mailgun',
		},
		{
			displayName: 'Region',
			name: 'region',
			type: 'options',
			options: [
				{ name: 'EU', value: 'eu' },
				{ name: 'US', value: 'us' },
			],
			default: 'us',
			description: 'The region of the domain',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every e-mail, usually at the domain above',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://mailgun-proxy.example.com',
			description: 'Leave empty for Mailgun itself. Set it only for a proxy or a test server.',
		},
	];
}
