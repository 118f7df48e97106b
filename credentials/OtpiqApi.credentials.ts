import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Tested by the nodes that use it (`testedBy`): receiving delivery reports needs no API key. */
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
			description: 'Needed to send and to track. The key of the project in the OTPIQ dashboard.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed to receive. Chosen by you: it goes out with a send that asks for delivery reports, and comes back with each of them.',
		},
		{
			displayName: 'Previous Webhook Secret',
			name: 'previousWebhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'While the secret is being changed: what was in use before is accepted too',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.otpiq.com/api',
			placeholder: 'e.g. https://api.otpiq.com/api',
			description: 'Change it only for a server of your own that takes the same requests',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}
