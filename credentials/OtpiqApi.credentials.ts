import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * The nodes that use it test it (`testedBy`), because it may hold no API key: receiving delivery reports needs none.
 */
export class OtpiqApi implements ICredentialType {
	name = 'otpiqApi';

	displayName = 'OTPIQ API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://docs.otpiq.com';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. sk_live_…',
			description:
				'Needed to send and to track. The API key of the project in the OTPIQ dashboard.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed to receive. A text of your choice: the node sends it with each request for delivery reports, and OTPIQ returns it with each report.',
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
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.otpiq.com/api',
			placeholder: 'e.g. https://api.otpiq.com/api',
			description: 'Change it only to use your own server with the same API',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}
