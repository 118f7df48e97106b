import {
	type ICredentialDataDecryptedObject,
	type IExecuteFunctions,
	NodeOperationError,
} from 'n8n-workflow';
import { openConnection } from '../../engine/channels/index.ts';
import type { CatalogEntry, Problem } from '../../engine/dispatch/index.ts';
import { DIRECT_RETRY } from '../../engine/retry.ts';

interface DirectChannel {
	readonly credential: string;
	readonly credentialTitle: string;
	/** The credential's fields as the engine's connection settings. */
	settings(credential: ICredentialDataDecryptedObject): Record<string, unknown>;
}

/** What can be reached without a runner, and with which credential. */
export const DIRECT_CHANNELS: Readonly<Record<string, DirectChannel>> = {
	slack: {
		credential: 'surepingSlackApi',
		credentialTitle: 'Sureping Slack (Direct) API',
		settings: ({ sendWith, secretWebhookUrl, botToken, defaultChannel, baseUrl }) => ({
			...(sendWith === 'token'
				? { bot_token: botToken, ...set('default_channel', defaultChannel) }
				: { webhook_url: secretWebhookUrl }),
			...set('base_url', baseUrl),
		}),
	},
	email: {
		credential: 'surepingResendApi',
		credentialTitle: 'Sureping Resend (Direct) API',
		settings: ({ apiKey, from, baseUrl }) => ({
			resend: { api_key: apiKey },
			from,
			...set('base_url', baseUrl),
		}),
	},
};

function set(name: string, value: unknown): Record<string, unknown> {
	return value === undefined || value === '' ? {} : { [name]: value };
}

/** The node's credentials as connections. A connection is called what its credential is called. */
export async function openDirectConnections(
	context: IExecuteFunctions,
): Promise<readonly CatalogEntry[]> {
	const node = context.getNode();
	const chosen = Object.entries(DIRECT_CHANNELS).filter(
		([, { credential }]) => node.credentials?.[credential] !== undefined,
	);
	return await Promise.all(
		chosen.map(async ([channel, { credential, credentialTitle, settings }]) => {
			const name = node.credentials?.[credential]?.name ?? channel;
			const opened = openConnection(
				channel,
				name,
				settings(await context.getCredentials(credential)),
			);
			if (!opened.ok) {
				const issues = opened.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
				throw new NodeOperationError(
					node,
					`The credential "${name}" cannot be used: ${issues.join('; ')}`,
					{ description: `Open the ${credentialTitle} credential and correct it.` },
				);
			}
			return { channel, name, connection: opened.connection, policy: DIRECT_RETRY };
		}),
	);
}

/** Channels of a send for which the node has no credential, or which only a runner reaches. */
export function unreachable(
	references: readonly string[],
	path: string,
	catalog: readonly CatalogEntry[],
): Problem[] {
	return references
		.filter((reference) => !catalog.some(({ channel }) => channel === reference))
		.map((reference) => {
			const known = Object.hasOwn(DIRECT_CHANNELS, reference)
				? DIRECT_CHANNELS[reference]
				: undefined;
			const message = known
				? `${reference} needs the credential "${known.credentialTitle}"; choose one in this node`
				: `${reference} cannot be reached directly; use ${Object.keys(DIRECT_CHANNELS).join(' or ')}, or send via a runner`;
			return { path, message };
		});
}
