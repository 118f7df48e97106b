import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { type OpenConnection, openConnection } from '../../engine/channels/index.ts';

/** A service that the node calls itself, without a runner. */
export interface DirectService {
	readonly channel: string;
	/** Names the service of a channel that has several: `email:resend`. */
	readonly key: string;
	readonly credential: string;
	/** The credential's title in n8n. */
	readonly credentialTitle: string;
	/** The credential's fields as the engine's connection settings. */
	settings(credential: ICredentialDataDecryptedObject): Record<string, unknown>;
}

/** In order of preference: `email` alone means the first mail service that the node has a credential for. */
export const DIRECT_SERVICES: readonly DirectService[] = [
	{
		channel: 'slack',
		key: 'slack',
		credential: 'surepingSlackApi',
		credentialTitle: 'Sureping Slack (Direct) API',
		settings: ({ sendWith, secretWebhookUrl, botToken, defaultChannel, baseUrl }) => ({
			...(sendWith === 'token'
				? { bot_token: botToken, ...set('default_channel', defaultChannel) }
				: { webhook_url: secretWebhookUrl }),
			...set('base_url', baseUrl),
		}),
	},
	{
		channel: 'telegram',
		key: 'telegram',
		credential: 'surepingTelegramApi',
		credentialTitle: 'Sureping Telegram (Direct) API',
		settings: ({ botToken, defaultChatId, baseUrl }) => ({
			bot_token: botToken,
			...set('default_chat_id', defaultChatId),
			...set('base_url', baseUrl),
		}),
	},
	{
		channel: 'discord',
		key: 'discord',
		credential: 'surepingDiscordApi',
		credentialTitle: 'Sureping Discord (Direct) API',
		settings: ({ secretWebhookUrl, threadId, baseUrl }) => ({
			webhook_url: secretWebhookUrl,
			...set('thread_id', threadId),
			...set('base_url', baseUrl),
		}),
	},
	mail('resend', 'Resend', ({ apiKey }) => ({ api_key: apiKey })),
	mail('sendgrid', 'SendGrid', ({ apiKey, region }) => ({
		api_key: apiKey,
		...set('region', region),
	})),
	mail('postmark', 'Postmark', ({ serverToken, messageStream }) => ({
		server_token: serverToken,
		...set('message_stream', messageStream),
	})),
	mail('mailgun', 'Mailgun', ({ apiKey, domain, region }) => ({
		api_key: apiKey,
		domain,
		...set('region', region),
	})),
];

/** A mail service: its own settings and those that all have. */
function mail(key: string, title: string, own: DirectService['settings']): DirectService {
	return {
		channel: 'email',
		key,
		credential: `sureping${key.charAt(0).toUpperCase()}${key.slice(1)}Api`,
		credentialTitle: `Sureping ${title} (Direct) API`,
		settings: (credential) => ({
			[key]: own(credential),
			from: credential.from,
			...set('base_url', credential.baseUrl),
		}),
	};
}

function set(name: string, value: unknown): Record<string, unknown> {
	return value === undefined || value === '' ? {} : { [name]: value };
}

/** The names of the engine's settings in the credentials. */
const FIELDS: Readonly<Record<string, string>> = {
	api_key: 'API Key',
	base_url: 'Base URL',
	bot_token: 'Bot Token',
	default_chat_id: 'Default Chat ID',
	default_channel: 'Default Channel',
	domain: 'Domain',
	from: 'From',
	message_stream: 'Message Stream',
	region: 'Region',
	server_token: 'Server API Token',
	thread_id: 'Thread ID',
	webhook_url: 'Webhook URL',
};

export type OpenedService =
	| { readonly ok: true; readonly connection: OpenConnection }
	/** One sentence for each field that is to change. */
	| { readonly ok: false; readonly toChange: readonly string[] };

/** A credential as a connection; `name` is the credential's own. */
export function openService(
	{ channel, settings }: DirectService,
	name: string,
	credential: ICredentialDataDecryptedObject,
): OpenedService {
	const opened = openConnection(channel, name, settings(credential));
	if (opened.ok) return opened;
	const toChange = opened.issues.map(({ path, message }) => {
		const setting = String(path.at(-1) ?? '');
		return `${FIELDS[setting] ?? setting}: ${message}`;
	});
	return { ok: false, toChange };
}
