import {
	type CatalogEntry,
	DEFAULT_RETRY,
	type HealthRules,
	planSend,
	type ProfileId,
	PROFILES,
	type RetryPolicy,
	withRules,
} from '@sureping/engine';
import type { Retention } from '../store/contract/upkeep.ts';
import type { Mistake } from '../words/index.ts';
import { toApiKey } from './api-keys.ts';
import type { ApiKey, Config, ConfiguredEndpoint } from './config.ts';
import { openConnections } from './connections.ts';
import { duplicatesIn } from './duplicates.ts';
import { toEndpoint } from './endpoints.ts';
import { reportRulesOf, toInbound } from './inbound.ts';
import { refusePeople, warnOfPeople } from './people.ts';
import type { ConfigFile } from './settings/index.ts';
import { refuseUrls, warnOfUrls } from './urls.ts';

/**
 * Converts the settings of a config file to the terms of the engine and the store. Adds mistakes that show only when
 * settings are seen together to `issues`; the result is usable only if there are none.
 */
export function resolveConfig(data: ConfigFile, issues: Mistake[]): Config {
	const webhookPolicy = (profile: ProfileId): RetryPolicy =>
		withRules(PROFILES[profile].retry, data.webhook_retry);
	const names = new Set(data.connections.map((connection) => connection.name));
	const inbound = toInbound(data.inbound, names, data.public_url, issues);
	const catalog = toCatalog(data, names, issues);
	refuseDuplicates(data, issues);
	refuseUrls(data, issues);
	refusePeople(data, catalog, issues);
	refuseNotify(data.webhook_health.notify, catalog, issues);
	const apiKeys = data.api_keys.map(toApiKey);
	refuseSharedKeys(apiKeys, issues);
	return {
		publicUrl: data.public_url,
		store: data.store,
		apiKeys,
		catalog,
		endpoints: data.endpoints.map((endpoint) => toConfiguredEndpoint(endpoint, webhookPolicy)),
		inbound,
		contacts: data.contacts,
		onCalls: data.on_call,
		policies: data.policies,
		security: data.security,
		hosts: data.security.hosts,
		rateLimit: data.rate_limit,
		backpressure: data.backpressure,
		webhookPolicy,
		healthRules: toHealthRules(data.webhook_health),
		notify: data.webhook_health.notify,
		retention: toRetention(data.retention),
		about: { includeMessage: data.events.include_message },
		loopLimit: data.loop_limit,
		logLevel: data.log_level,
		warnings: [...warnOfUrls(data), ...warnOfPeople(data)],
	};
}

function toCatalog(
	{ connections, inbound, public_url, retry }: ConfigFile,
	names: ReadonlySet<string>,
	issues: Mistake[],
): readonly CatalogEntry[] {
	const reports = new Map(
		[...names].map((name) => [name, reportRulesOf(name, inbound, public_url, issues)]),
	);
	return openConnections(connections, withRules(DEFAULT_RETRY, retry), issues).map((entry) => ({
		...entry,
		report: reports.get(entry.name),
	}));
}

function toConfiguredEndpoint(
	endpoint: ConfigFile['endpoints'][number],
	policyOf: Config['webhookPolicy'],
): ConfiguredEndpoint {
	const { secret } = endpoint;
	return {
		...toEndpoint(endpoint, policyOf),
		...(secret === undefined ? {} : { secret }),
		source: 'config',
	};
}

const toMs = (seconds: number | null): number | undefined =>
	seconds === null ? undefined : seconds * 1000;

function toHealthRules(written: ConfigFile['webhook_health']): HealthRules {
	const { disable_after_s, warn_after_s, breaker } = written;
	return {
		disableAfterMs: toMs(disable_after_s),
		warnAfterMs: warn_after_s.map((s) => s * 1000).sort((a, b) => a - b),
		breaker: { failures: breaker.failures, probeMs: breaker.probe_s * 1000 },
	};
}

function toRetention(written: ConfigFile['retention']): Retention {
	return {
		eventsMs: toMs(written.events_s),
		notificationsMs: toMs(written.notifications_s),
		webhookDeliveriesMs: toMs(written.webhook_deliveries_s),
		heldMs: toMs(written.held_s),
		reportsMs: toMs(written.reports_s),
		incidentsMs: toMs(written.incidents_s),
	};
}

/** Refuses a notice that could not be sent, which would show only when it is needed. */
function refuseNotify(
	notify: Config['notify'],
	catalog: readonly CatalogEntry[],
	issues: Mistake[],
): void {
	const planned = notify && planSend({ ...notify, message: 'notice' }, catalog, 0);
	if (!planned || planned.ok) return;
	for (const { path, message } of planned.problems) {
		issues.push({ path: ['webhook_health', 'notify', path], message });
	}
}

function refuseDuplicates(data: ConfigFile, issues: Mistake[]): void {
	const lists = {
		connections: data.connections.map(({ channel, name }) => `${channel}:${name}`),
		endpoints: data.endpoints.map(({ name }) => name),
		api_keys: data.api_keys.map(({ name }) => name),
		contacts: data.contacts.map(({ id }) => id),
		on_call: data.on_call.map(({ name }) => name),
		policies: data.policies.map(({ name }) => name),
	};
	for (const [list, names] of Object.entries(lists)) {
		const field = list === 'contacts' ? 'id' : 'name';
		for (const { at } of duplicatesIn(names)) {
			issues.push({ path: [list, at, field], message: `${names[at]} is listed twice` });
		}
	}
}

function refuseSharedKeys(apiKeys: readonly ApiKey[], issues: Mistake[]): void {
	for (const { at, first } of duplicatesIn(apiKeys.map(({ sha256 }) => sha256.toString('hex')))) {
		const message = `"${apiKeys[at]?.name}" has the same key as "${apiKeys[first]?.name}"`;
		issues.push({ path: ['api_keys', at], message });
	}
}
