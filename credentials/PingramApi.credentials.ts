import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The nodes that use it test it (`testedBy`), because it may hold no API key: receiving webhooks needs none. */
export class PingramApi implements ICredentialType {
	name = 'pingramApi';

	displayName = 'Pingram API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://www.pingram.io/docs';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. pingram_sk_…',
			description:
				'Needed to send, to read logs and to register webhooks. The secret key from the Pingram dashboard.',
		},
		{
			displayName: 'Region',
			name: 'baseUrl',
			type: 'options',
			options: [
				{ name: 'Canada', value: 'https://api.ca.pingram.io' },
				{ name: 'EU', value: 'https://api.eu.pingram.io' },
				{ name: 'US', value: 'https://api.pingram.io' },
			],
			default: 'https://api.pingram.io',
			description: 'The region of the account. An expression can give the URL of your own server.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed to receive. The complete secret of the events webhook in the Pingram dashboard.',
		},
		{
			displayName: 'Previous Webhook Secret',
			name: 'previousWebhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'While you change the webhook secret: the old one, which is accepted as well. Clear it afterwards.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}
