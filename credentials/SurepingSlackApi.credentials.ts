import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`), since a webhook URL and a
 * token are proven in different ways.
 */
export class SurepingSlackApi implements ICredentialType {
	name = 'surepingSlackApi';

	displayName = 'Sureping Slack (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks';

	properties: INodeProperties[] = [
		{
			displayName: 'Send With',
			name: 'sendWith',
			type: 'options',
			options: [
				{
					name: 'Incoming Webhook',
					value: 'webhook',
					description: 'One URL that posts to one Slack channel',
				},
				{
					name: 'Bot Token',
					value: 'token',
					description: 'Posts to any channel that the bot is a member of',
				},
			],
			default: 'webhook',
		},
		{
			displayName: 'Webhook URL',
			name: 'secretWebhookUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. https://hooks.slack.com/services/…',
			description: 'Treat it like a password: anyone who knows it can post',
			displayOptions: { show: { sendWith: ['webhook'] } },
		},
		{
			displayName: 'Bot Token',
			name: 'botToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. xoxb-…',
			description: 'A bot token with the scope chat:write',
			displayOptions: { show: { sendWith: ['token'] } },
		},
		{
			displayName: 'Default Channel',
			name: 'defaultChannel',
			type: 'string',
			default: '',
			placeholder: 'e.g. #ops',
			description: 'Receives messages that name no recipient',
			displayOptions: { show: { sendWith: ['token'] } },
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://slack-proxy.example.com',
			description: 'Leave empty for Slack itself. Set it only for a proxy or a test server.',
		},
	];
}
