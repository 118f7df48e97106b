import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The older API, which Pingram still serves. Tested by the nodes that use it (`testedBy`). */
export class NotificationApiApi implements ICredentialType {
	name = 'notificationApiApi';

	displayName = 'NotificationAPI API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://www.notificationapi.com/docs';

	properties: INodeProperties[] = [
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			description: 'Needed to send. From the environments page of the dashboard.',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Needed to send. From the environments page of the dashboard.',
		},
		{
			displayName: 'Region',
			name: 'baseUrl',
			type: 'options',
			options: [
				{ name: 'Canada', value: 'https://api.ca.notificationapi.com' },
				{ name: 'EU', value: 'https://api.eu.notificationapi.com' },
				{ name: 'US', value: 'https://api.notificationapi.com' },
			],
			default: 'https://api.notificationapi.com',
			description: 'The region of the account. An expression can give the URL of your own server.',
		},
		{
			displayName: 'Webhook Token',
			name: 'webhookToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed to receive. NotificationAPI does not sign its webhooks, so choose a long random text and add it to the webhook URL as ?token=….',
		},
		{
			displayName: 'Previous Webhook Token',
			name: 'previousWebhookToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'While you change the webhook token: the old one, which is accepted as well. Clear it afterwards.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			auth: {
				username: '={{$credentials.clientId}}',
				password: '={{$credentials.clientSecret}}',
			},
		},
	};
}
