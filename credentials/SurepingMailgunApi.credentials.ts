import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, where no runner holds the connection. Tested by the node (`testedBy`) as the engine tests it. */
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
			description: 'The sending domain, as Mailgun lists it',
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
			description: 'Where the domain is',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every mail, usually at the domain above',
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
