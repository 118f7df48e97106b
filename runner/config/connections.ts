import {
	type CatalogEntry,
	CHANNELS,
	openConnection,
	type RetryPolicy,
	withRules,
} from '@sureping/engine';
import { didYouMean, type Mistake, mistakesOf, unknownField, valueAt } from '../words/index.ts';
import { nearest } from '../words/nearest.ts';
import { toLimits } from './connection-limits.ts';
import { CONNECTION_FIELDS, type ConfigFile } from './settings/index.ts';

/** Opens the connections that are valid, and adds the mistakes of the others to `issues`. */
export function openConnections(
	connections: readonly unknown[],
	policy: RetryPolicy,
	issues: Mistake[],
): CatalogEntry[] {
	return connections.flatMap((entry, i) => {
		if (!isConnection(entry)) return [];
		const { name, channel, retry, rate_limit, concurrency, breaker, ...settings } = entry;
		const opened = openConnection(channel, name, settings);
		if (opened.ok) {
			const { connection } = opened;
			const limits = toLimits({ rate_limit, concurrency, breaker }, connection.limits);
			return [{ channel, name, connection, policy: withRules(policy, retry), limits }];
		}
		const mistakes = mistakesOf(opened.issues, settings).map((one) =>
			withSuggestion(one, channel, settings),
		);
		issues.push(...mistakes.map((one) => ({ ...one, path: ['connections', i, ...one.path] })));
		return [];
	});
}

/**
 * Adds a suggestion to a mistake: a similar channel, a service's key, or a setting that all connections have. A channel
 * can suggest only its own settings.
 */
function withSuggestion(mistake: Mistake, channel: string, settings: object): Mistake {
	const { path, message } = mistake;
	const [key, ...below] = path;
	if (key === 'channel') {
		return {
			path,
			message:
				message +
				didYouMean(
					channel,
					CHANNELS.map(({ id }) => id),
				),
		};
	}
	if (key === undefined) {
		const services =
			CHANNELS.find(({ id }) => id === channel)?.services.map((one) => one.key) ?? [];
		const written = Object.keys(settings).filter((name) => !services.includes(name));
		for (const name of written) {
			const meant = nearest(name, services);
			if (meant !== undefined) return unknownField([name], meant);
		}
	}
	if (below.length > 0 || !mistake.unknown || mistake.unknown.meant !== undefined) return mistake;
	return unknownField(path, nearest(String(key), CONNECTION_FIELDS));
}

/**
 * Turns the mistake "`name` or `channel` is needed" into one about a misspelt setting, if the connection has a similar
 * one. Unknown settings are the channel's to report, and the channel is not known yet.
 */
export function toMisspelt(mistake: Mistake, settings: Record<string, unknown>): Mistake {
	const [list, i, field] = mistake.path;
	if (list !== 'connections' || valueAt(settings, mistake.path) !== undefined) return mistake;
	const entry = valueAt(settings, mistake.path.slice(0, 2));
	const others = Object.keys(isRecord(entry) ? entry : {}).filter(
		(key) => !CONNECTION_FIELDS.includes(key),
	);
	const written = nearest(String(field), others);
	if (written === undefined) return mistake;
	return unknownField(['connections', Number(i), written], String(field));
}

function isConnection(value: unknown): value is ConfigFile['connections'][number] {
	return isRecord(value) && typeof value.name === 'string' && typeof value.channel === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
