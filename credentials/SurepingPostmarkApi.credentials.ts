import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`) with the engine's own test. */
export class SurepingPostmarkApi implements ICredentialType {
	name = 'surepingPostmarkApi';

	displayName = 'Sureping Postmark (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://postmarkapp.com/developer/api/overview#authentication';

	properties: INodeProperties[] = [
		{
			displayName: 'Server API Token',
			name: 'serverToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 8a1c…',
			description: 'The token of a server, not of the account',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Ops <ops@example.com>',
			description: 'The sender of every e-mail, a confirmed sender signature in Postmark',
		},
		{
			displayName: 'Message Stream',
			name: 'messageStream',
			type: 'string',
			default: '',
			placeholder: 'e.g. alerts',
			description: 'Leave empty for the transactional stream called outbound',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://postmark-proxy.example.com',
			description: 'Leave empty for Postmark itself. Set it only for a proxy or a test server.',
		},
	];
}
