import type { IWebhookFunctions } from 'n8n-workflow';
import type { ProviderId } from '../../engine/receive/providers/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { currentPingramSecret } from '../services/pingram/events-webhook.ts';
import { SECRET_FIELDS, setupOf } from './provider-setup.ts';
import { storedEndpoint } from './stored-endpoint.ts';
import { storedPingram } from './stored-pingram-webhook.ts';

/** n8n takes about 20 ms to decrypt a credential, longer than the rest of a webhook. */
const KEPT_MS = 10_000;

/** The shortest time between two reads after a signature that does not match, so that forged requests stay cheap. */
const REREAD_AFTER_MS = 1_000;
const ASK_AGAIN_AFTER_MS = 30_000;

const MOST_CREDENTIALS = 1_000;

/** The secrets that a request is verified with. */
export interface KnownSecrets {
	/** The current one and, during a rotation, the previous one; empty when none is stored. */
	readonly secrets: readonly string[];
	/** WhatsApp: the token that Meta must repeat when the webhook is set up. */
	readonly verifyToken?: string;
}

interface Read extends KnownSecrets {
	readonly readAt: number;
}

const known = new BoundedMap<Read>(MOST_CREDENTIALS);

/**
 * The secrets to verify with. `isCurrent` is false when they may have changed since they were read; call again with `fresh`
 * before refusing a request.
 */
export async function signingSecrets(
	context: IWebhookFunctions,
	provider: ProviderId,
	now: number,
	fresh = false,
): Promise<KnownSecrets & { isCurrent: boolean }> {
	const isAutomatic = context.getNodeParameter('registration', 'automatic') === 'automatic';
	if (provider === 'sureping' && isAutomatic) {
		return { secrets: listed(storedEndpoint(context)?.secret), isCurrent: true };
	}
	if (provider === 'pingram' && isAutomatic) {
		return await pingramSecrets(context, now, fresh);
	}
	const { credential } = setupOf(provider);
	const id = context.getNode().credentials?.[credential]?.id ?? context.getNode().id;
	const cached = known.get(id);
	const age = cached ? now - cached.readAt : Infinity;
	if (cached && age < KEPT_MS && !(fresh && age >= REREAD_AFTER_MS)) {
		return { ...cached, isCurrent: age < REREAD_AFTER_MS };
	}
	const data = await context.getCredentials(credential);
	const { verifyToken } = data;
	const read: Read = {
		secrets: listed(...SECRET_FIELDS[credential].map((field) => data[field])),
		...(typeof verifyToken === 'string' && verifyToken !== '' ? { verifyToken } : {}),
		readAt: now,
	};
	known.set(id, read);
	return { ...read, isCurrent: true };
}

/**
 * The secret that Pingram gave when the node registered. It may have changed since, for example because a test had the
 * webhook meanwhile; Pingram is then asked for it.
 */
async function pingramSecrets(
	context: IWebhookFunctions,
	now: number,
	fresh: boolean,
): Promise<KnownSecrets & { isCurrent: boolean }> {
	const stored = storedPingram(context);
	if (!stored) return { secrets: [], isCurrent: true };
	const id = `pingram:${stored.url}`;
	const asked = known.get(id);
	const mayAsk = !asked || now - asked.readAt >= ASK_AGAIN_AFTER_MS;
	if (!fresh || !mayAsk) {
		return { secrets: listed(stored.secret, ...(asked?.secrets ?? [])), isCurrent: !mayAsk };
	}
	// Recorded before the answer, so that many forged requests at once cause one call.
	known.set(id, { secrets: asked?.secrets ?? [], readAt: now });
	const secrets = listed(await currentPingramSecret(context, stored.url));
	known.set(id, { secrets, readAt: now });
	return { secrets: [...secrets, stored.secret], isCurrent: true };
}

function listed(...secrets: readonly unknown[]): string[] {
	return secrets.filter((secret) => typeof secret === 'string' && secret !== '').map(String);
}
