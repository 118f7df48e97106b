import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** For direct mode, which has no runner to hold the connection. The node tests it (`testedBy`) with the engine's own test. */
export class SurepingTelegramApi implements ICredentialType {
	name = 'surepingTelegramApi';

	displayName = 'Sureping Telegram (Direct) API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://core.telegram.org/bots/features#botfather';

	properties: INodeProperties[] = [
		{
			displayName: 'Bot Token',
			name: 'botToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 123456789:AAF…',
			description: 'The token from @BotFather',
		},
		{
			displayName: 'Default Chat ID',
			name: 'defaultChatId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 123456789, or @channelname',
			description: 'Receives messages that name no recipient',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://telegram-proxy.example.com',
			description: 'Leave empty for Telegram itself. Set it only for a proxy or a test server.',
		},
	];
}
