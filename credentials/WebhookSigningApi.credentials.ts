import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * The secret that verifies a provider's webhooks, for providers that need no other credential. Tested by the trigger
 * (`testedBy`), without a request.
 */
export class WebhookSigningApi implements ICredentialType {
	name = 'webhookSigningApi';

	displayName = 'Sureping Webhook Signing API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl =
		'https://github.com/sureping/sureping/blob/main/docs/reference/providers.md#secrets';

	properties: INodeProperties[] = [
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_…',
			description:
				'The complete secret, with its prefix. The notice in the trigger node says what it is for the chosen provider: a signing secret, an auth token, a public key, a user and password, or a topic ARN.',
		},
		{
			displayName: 'Previous Secret',
			name: 'previousSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'While you change the secret at the provider: the old one, which is accepted as well. Clear it afterwards.',
		},
		{
			displayName: 'Verify Token',
			name: 'verifyToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'For WhatsApp only: a text of your choice, which Meta repeats when you set up the webhook',
		},
	];
}
