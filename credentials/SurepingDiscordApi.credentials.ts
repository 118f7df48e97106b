import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`) with the engine's own test. */
export class SurepingDiscordApi implements ICredentialType {
	name = 'surepingDiscordApi';

	displayName = 'Sureping Discord (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://docs.discord.com/developers/resources/webhook';

	properties: INodeProperties[] = [
		{
			displayName: 'Webhook URL',
			name: 'secretWebhookUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. https://discord.com/api/webhooks/…',
			description:
				'From the integrations of the Discord channel. Treat it like a password: anyone who knows it can post.',
		},
		{
			displayName: 'Thread ID',
			name: 'threadId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1122334455667788990',
			description:
				'A thread in the channel of the webhook. In a forum channel, messages need a thread.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://discord-proxy.example.com',
			description: 'Leave empty for Discord itself. Set it only for a proxy or a test server.',
		},
	];
}
