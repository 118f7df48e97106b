import type { IWebhookFunctions } from 'n8n-workflow';
import { storedEndpoint } from './stored-endpoint.ts';

/** n8n needs some 20 ms to decrypt a credential, which is more than the rest of a webhook takes. */
const KEPT_MS = 10_000;

/** Between two reads for signatures that do not match, so that forged requests cannot cost a decryption each. */
const REREAD_AFTER_MS = 1_000;

interface KnownSecret {
	readonly secret: string;
	readonly readAt: number;
}

const known = new Map<string, KnownSecret>();

/** Where a credential keeps the secret that webhooks are signed with. */
const SECRETS: Readonly<Record<string, string>> = {
	onePingApi: 'webhookSecret',
	webhookSigningApi: 'secret',
};

/** The node's credential that holds its secret; none where the runner gave the secret at registration. */
export function secretCredential(context: IWebhookFunctions): string | undefined {
	if (context.getNodeParameter('provider') === 'onePing') return 'onePingApi';
	const isManual = context.getNodeParameter('registration', 'automatic') === 'manual';
	return isManual ? 'webhookSigningApi' : undefined;
}

/**
 * The secrets to verify with; none when none is stored. `isCurrent` is false when the secret may have been changed
 * since it was read: read again with `fresh` before refusing a request.
 */
export async function signingSecrets(
	context: IWebhookFunctions,
	now: number,
	fresh = false,
): Promise<{ secrets: readonly string[]; isCurrent: boolean }> {
	const credential = secretCredential(context);
	if (credential === undefined) {
		const secret = storedEndpoint(context)?.secret;
		return { secrets: secret === undefined ? [] : [secret], isCurrent: true };
	}
	const id = context.getNode().credentials?.[credential]?.id ?? context.getNode().id;
	const cached = known.get(id);
	const age = cached ? now - cached.readAt : Infinity;
	if (cached && age < KEPT_MS && !(fresh && age >= REREAD_AFTER_MS)) {
		return { secrets: [cached.secret], isCurrent: age < REREAD_AFTER_MS };
	}
	const data = await context.getCredentials(credential);
	const secret = String(data[SECRETS[credential] ?? ''] ?? '');
	known.set(id, { secret, readAt: now });
	return { secrets: secret === '' ? [] : [secret], isCurrent: true };
}
