import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, where no runner holds the connection. Tested by the node (`testedBy`) as the engine tests it. */
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
			description: 'A key with the permission to send mail is enough',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every mail, a verified sender at SendGrid',
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
			description: 'Where the account is. A regional subuser has a key of its own.',
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
