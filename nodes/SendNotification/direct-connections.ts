import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import type { CatalogEntry, Problem } from '../../engine/dispatch/index.ts';
import { DIRECT_RETRY } from '../../engine/retry.ts';
import { DIRECT_SERVICES, openService } from '../services/direct.ts';

/** The node's credentials as connections, each named by the key of its service. */
export async function openDirectConnections(
	context: IExecuteFunctions,
): Promise<readonly CatalogEntry[]> {
	const node = context.getNode();
	const chosen = DIRECT_SERVICES.filter(
		({ credential }) => node.credentials?.[credential] !== undefined,
	);
	return await Promise.all(
		chosen.map(async (service) => {
			const { channel, key, credential, credentialTitle } = service;
			const name = node.credentials?.[credential]?.name ?? key;
			const opened = openService(service, name, await context.getCredentials(credential));
			if (!opened.ok) {
				throw new NodeOperationError(
					node,
					`The credential "${name}" cannot be used: ${opened.toChange.join('; ')}`,
					{ description: `Open the ${credentialTitle} credential and correct it.` },
				);
			}
			return { channel, name: key, connection: opened.connection, policy: DIRECT_RETRY };
		}),
	);
}

/** The channels of a send that direct mode cannot reach: the node has no credential, or only a runner supports them. */
export function unreachable(
	references: readonly string[],
	path: string,
	catalog: readonly CatalogEntry[],
): Problem[] {
	return references
		.filter((reference) => !catalog.some(({ channel, name }) => isMeant(reference, channel, name)))
		.map((reference) => {
			const titles = DIRECT_SERVICES.filter(({ channel, key }) =>
				isMeant(reference, channel, key),
			).map(({ credentialTitle }) => `"${credentialTitle}"`);
			const channels = [...new Set(DIRECT_SERVICES.map(({ channel }) => channel))];
			const message =
				titles.length > 0
					? `${reference} needs the credential ${titles.join(' or ')}; choose one in this node`
					: `${reference} cannot be reached directly; use ${channels.join(', ')}, or send via a runner`;
			return { path, message };
		});
}

/** `email`, or `email:resend`. */
function isMeant(reference: string, channel: string, key: string): boolean {
	return reference === channel || reference === `${channel}:${key}`;
}
