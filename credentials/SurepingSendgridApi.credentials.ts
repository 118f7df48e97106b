import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`) with the engine's own test. */
export class SurepingSendgridApi implements ICredentialType {
	name = 'surepingSendgridApi';

	displayName = 'Sureping SendGrid (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. SG.…',
			description: 'A key with permission to send mail is enough',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every e-mail, a verified sender in SendGrid',
		},
		{
			displayName: 'Region',
			name: 'region',
			type: 'options',
			options: [
				{ name: 'EU', value: 'eu' },
				{ name: 'Global', value: 'global' },
			],
			default: 'global',
			description: 'The region of the account. A regional subuser has its own key.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://sendgrid-proxy.example.com',
			description: 'Leave empty for SendGrid itself. Set it only for a proxy or a test server.',
		},
	];
}
