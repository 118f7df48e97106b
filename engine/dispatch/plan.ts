import type { Source } from '../about.ts';
import type { RetryRules, SendRequest, Target } from '../notification.ts';
import { type RetryPolicy, withoutRetries } from '../retry.ts';
import { type AddressBook, heldUntil } from './address-book.ts';
import type { CatalogEntry } from './catalog.ts';
import { recipientsFor } from './recipients.ts';

export type { CatalogEntry } from './catalog.ts';

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
	readonly targets: readonly PlannedTarget[];
	readonly fallbacks: readonly Target[];
}

/** The target of a delivery that starts at once, or when the quiet hours of its contact end. */
export interface PlannedTarget extends Target {
	/** Milliseconds since 1970. */
	readonly notBefore?: number;
}

export type PlanResult =
	| { readonly ok: true; readonly plan: Plan }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Decides where a send goes, or lists everything that is wrong with it. `now` in milliseconds. `people`: those whom the
 * recipient may name; undefined on a host that keeps none.
 */
export function planSend(
	request: SendRequest,
	catalog: readonly CatalogEntry[],
	now: number,
	people?: AddressBook,
): PlanResult {
	const problems: Problem[] = [];
	const used = new Set<string>();
	const sendAt = request.send_at === undefined ? undefined : Date.parse(request.send_at);
	const startsAt = Math.max(now, sendAt ?? now);
	const facts = { people, now, isLater: startsAt > now };

	const toTargets = (reference: string, path: string): readonly Target[] => {
		const complain = (at: string, message: string): readonly Target[] => {
			const isKnown = problems.some((one) => one.path === at && one.message === message);
			if (!isKnown) problems.push({ path: at, message });
			return [];
		};
		const entry = findConnection(reference, catalog);
		if (typeof entry === 'string') return complain(path, entry);
		const { channel, name, connection, policy, report } = entry;
		const key = `${channel}:${name}`;
		if (used.has(key)) return complain(path, `${key} is listed twice`);
		used.add(key);
		const found = recipientsFor(request.recipient, entry, facts);
		if (!found.ok) complain('recipient', found.problem);
		const refusedMessage = connection.refuseMessage(request.message, request.subject);
		if (refusedMessage) complain('message', refusedMessage);
		if (!found.ok || refusedMessage) return [];
		return found.recipients.map((one) => ({
			channel,
			connection: name,
			...one,
			policy: withRules(policy, request.retry),
			...(report ? { report } : {}),
		}));
	};

	const targets = request.channels.flatMap((name, i) => toTargets(name, `channels.${i}`));
	const fallbacks = (request.fallback_channels ?? []).flatMap((name, i) =>
		toTargets(name, `fallback_channels.${i}`),
	);

	const expiresAt = request.expires_at === undefined ? undefined : Date.parse(request.expires_at);
	if (expiresAt !== undefined && expiresAt <= startsAt) {
		problems.push({ path: 'expires_at', message: 'must be in the future, and later than send_at' });
	}

	if (problems.length > 0) return { ok: false, problems };
	const priority = request.priority ?? 'normal';
	const held = (target: Target): PlannedTarget => {
		const until = heldUntil({ priority }, target, startsAt, people);
		return typeof until === 'number' ? { ...target, notBefore: until } : target;
	};
	return {
		ok: true,
		plan: {
			message: request.message,
			subject: request.subject,
			metadata: request.metadata ?? {},
			source: request.source,
			priority,
			sendAt,
			expiresAt,
			targets: targets.map(held),
			fallbacks,
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
