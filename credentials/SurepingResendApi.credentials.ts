import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`), since the answer that
 * proves a sending-only key is a 401.
 */
export class SurepingResendApi implements ICredentialType {
	name = 'surepingResendApi';

	displayName = 'Sureping Resend (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://resend.com/docs/dashboard/api-keys/introduction';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. re_…',
			description: 'A key with sending access is enough',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every e-mail, at a domain that is verified with Resend',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://resend-proxy.example.com',
			description: 'Leave empty for Resend itself. Set it only for a proxy or a test server.',
		},
	];
}
