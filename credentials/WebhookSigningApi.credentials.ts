import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The secret of an endpoint that was set up by hand. Tested by the trigger (`testedBy`), without any request. */
export class WebhookSigningApi implements ICredentialType {
	name = 'webhookSigningApi';

	displayName = 'Sureping Webhook Signing API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://github.com/sureping/sureping#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_…',
			description: 'The whole secret of the endpoint, prefix included',
		},
	];
}
