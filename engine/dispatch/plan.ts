import type { Source } from '../about.ts';
import type { OpenConnection } from '../channels/index.ts';
import type { ConnectionLimits } from '../limits/index.ts';
import type { ReportRules, RetryRules, SendRequest, Target } from '../notification.ts';
import { type RetryPolicy, withoutRetries } from '../retry.ts';

/** A connection that this host can send through; a channel's first one is its default. */
export interface CatalogEntry {
	readonly channel: string;
	readonly name: string;
	readonly connection: OpenConnection;
	readonly policy: RetryPolicy;
	/** Absent where the host keeps no limits, as n8n does not. */
	readonly limits?: ConnectionLimits;
	/** The rules for the reports of its service; absent where it has none. */
	readonly report?: ReportRules | undefined;
}

/** A mistake in a request: where it is (`channels.0`) and what to change. */
export interface Problem {
	readonly path: string;
	readonly message: string;
}

/** A request whose every channel, connection and address is known to be usable. */
export interface Plan {
	readonly message: string;
	readonly subject?: string | undefined;
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly source?: Source | undefined;
	readonly priority: 'critical' | 'normal';
	readonly sendAt?: number | undefined;
	readonly expiresAt?: number | undefined;
	readonly targets: readonly Target[];
	readonly fallbacks: readonly Target[];
}

export type PlanResult =
	| { readonly ok: true; readonly plan: Plan }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** Decides where a send goes, or lists everything that is wrong with it. `now` in milliseconds. */
export function planSend(
	request: SendRequest,
	catalog: readonly CatalogEntry[],
	now: number,
): PlanResult {
	const problems: Problem[] = [];
	const used = new Set<string>();

	const toTarget = (reference: string, path: string): Target | undefined => {
		const complain = (at: string, message: string): undefined => {
			problems.push({ path: at, message });
			return undefined;
		};
		const entry = findConnection(reference, catalog);
		if (typeof entry === 'string') return complain(path, entry);
		const { channel, name, connection, policy, report } = entry;
		const key = `${channel}:${name}`;
		if (used.has(key)) return complain(path, `${key} is listed twice`);
		used.add(key);
		const given = recipientFor(request.recipient, entry);
		const recipient = given ?? connection.defaultRecipient;
		const refusedRecipient =
			recipient === undefined
				? `${channel} needs a recipient address`
				: connection.refuseRecipient(recipient);
		if (refusedRecipient) {
			const whose = recipient === undefined ? '' : ` (for ${channel})`;
			complain('recipient', refusedRecipient + whose);
		}
		const refusedMessage = connection.refuseMessage(request.message, request.subject);
		if (refusedMessage) complain('message', refusedMessage);
		if (recipient === undefined || refusedRecipient || refusedMessage) return undefined;
		return {
			channel,
			connection: name,
			recipient,
			policy: withRules(policy, request.retry),
			...(report ? { report } : {}),
		};
	};

	const targets = request.channels.map((name, i) => toTarget(name, `channels.${i}`));
	const fallbacks = (request.fallback_channels ?? []).map((name, i) =>
		toTarget(name, `fallback_channels.${i}`),
	);

	const sendAt = request.send_at === undefined ? undefined : Date.parse(request.send_at);
	const expiresAt = request.expires_at === undefined ? undefined : Date.parse(request.expires_at);
	if (expiresAt !== undefined && expiresAt <= Math.max(now, sendAt ?? now)) {
		problems.push({ path: 'expires_at', message: 'must be in the future, and later than send_at' });
	}

	if (problems.length > 0) return { ok: false, problems };
	const isTarget = (target: Target | undefined): target is Target => target !== undefined;
	return {
		ok: true,
		plan: {
			message: request.message,
			subject: request.subject,
			metadata: request.metadata ?? {},
			source: request.source,
			priority: request.priority ?? 'normal',
			sendAt,
			expiresAt,
			targets: targets.filter(isTarget),
			fallbacks: fallbacks.filter(isTarget),
		},
	};
}

/** The entry for `slack` or `slack:ops-slack`, or the mistake in the reference. */
export function findConnection(
	reference: string,
	catalog: readonly CatalogEntry[],
): CatalogEntry | string {
	const [channel = '', name] = reference.split(':', 2);
	const candidates = catalog.filter((entry) => entry.channel === channel);
	if (candidates.length === 0) {
		const known = [...new Set(catalog.map((entry) => entry.channel))].join(', ');
		return `${channel} has no connection here; ${known ? `one of: ${known}` : 'add one to the configuration'}`;
	}
	const found = name === undefined ? candidates[0] : candidates.find((e) => e.name === name);
	const names = candidates.map((entry) => `${channel}:${entry.name}`).join(', ');
	return found ?? `there is no connection ${reference}; one of: ${names}`;
}

/**
 * The address that a request gives for a connection. One address for all channels counts only for connections that take
 * an address. A fixed connection, such as a Slack webhook, is an address itself and sends to no other.
 */
function recipientFor(
	recipient: SendRequest['recipient'],
	{ channel, name, connection }: CatalogEntry,
): string | undefined {
	if (typeof recipient !== 'object') return connection.isFixed ? undefined : recipient;
	return [`${channel}:${name}`, channel]
		.filter((key) => Object.hasOwn(recipient, key))
		.map((key) => recipient[key])
		.at(0);
}

/** A policy with a request's or a config file's own rules laid over it. */
export function withRules(
	policy: RetryPolicy,
	rules: boolean | RetryRules | undefined,
): RetryPolicy {
	if (rules === false) return withoutRetries(policy);
	if (rules === undefined || rules === true) return policy;
	return {
		delaysMs: rules.delays_s?.map((s) => Math.round(s * 1000)) ?? policy.delaysMs,
		jitter: rules.jitter ?? policy.jitter,
		timeoutMs: rules.timeout_s === undefined ? policy.timeoutMs : Math.ceil(rules.timeout_s * 1000),
	};
}
