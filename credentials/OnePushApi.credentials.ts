import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** OnePush publishes no API for sending, so the user enters the URL and the header. Tested by the nodes (`testedBy`). */
export class OnePushApi implements ICredentialType {
	name = 'onePushApi';

	displayName = 'OnePush API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://onepush.app';

	properties: INodeProperties[] = [
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://…/send',
			description: 'Needed to send. The complete URL that takes a message with POST.',
		},
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: 'Authorization',
			description: 'The header that authenticates requests',
		},
		{
			displayName: 'Header Value',
			name: 'secretHeaderValue',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. Bearer …',
			description: 'Needed to send. The complete value, including a word such as Bearer.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Needed to receive. The secret of the webhook in the OnePush dashboard.',
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
		properties: {
			headers: { '={{$credentials.headerName}}': '={{$credentials.secretHeaderValue}}' },
		},
	};
}
