import { createHash } from 'node:crypto';
import {
	type CatalogEntry,
	DEFAULT_RETRY,
	type HealthRules,
	planSend,
	type ProfileId,
	PROFILES,
	type RequestRate,
	type RetryPolicy,
	withRules,
} from '@sureping/engine';
import type { SecuritySettings } from '../transport/url-guard.ts';
import type { AboutRules } from '../store/rows/event.ts';
import type { Batch, Endpoint } from '../store/contract/endpoints.ts';
import type { Retention } from '../store/contract/upkeep.ts';
import { type Mistake, mistakesOf } from '../words/index.ts';
import { nameless, openConnections } from './connections.ts';
import { linesOf, noCauses } from './causes.ts';
import { applyOverrides, type Environment, expandVariables } from './environment.ts';
import { type InboundEntry, reportRulesOf, toInbound } from './inbound.ts';
import type { Quota } from './quota.ts';
import { parseSource, readSource, type Source } from './source.ts';
import { refuseTexts } from './texts.ts';
import { refuseUrls, warnOfUrls } from './urls.ts';
import { twinsIn } from './twins.ts';
import {
	configSchema,
	type ConfigFile,
	type DoorSettings,
	type EndpointSettings,
	type RateLimit,
	type Scope,
} from './schema.ts';

const HOW_TO_SET =
	'Set a variable in the environment, or NAME_FILE to a file that holds its value.';

/** Every mistake of a config file at once, each with its path. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly issues: readonly string[];

	constructor(source: string, issues: readonly string[]) {
		const hint = issues.some((issue) => issue.endsWith(' is not set')) ? [HOW_TO_SET] : [];
		super(
			[`${source} cannot be used:`, ...issues.map((issue) => `  ${issue}`), ...hint].join('\n'),
		);
		this.issues = issues;
	}
}

export interface ApiKey {
	readonly name: string;
	/** The key itself is not kept. */
	readonly sha256: Buffer;
	readonly scopes: readonly Scope[];
	readonly webhookSecret: string | undefined;
	readonly rateLimit: RateLimit | undefined;
	readonly quota: Quota | undefined;
}

/** An endpoint of the config file; its id and time come from the store. */
export type ConfiguredEndpoint = Omit<Endpoint, 'id' | 'createdAt'>;

export interface Config {
	/** Where others reach the runner, as providers are told and as they sign it. */
	readonly publicUrl: string | undefined;
	readonly store: string | undefined;
	readonly apiKeys: readonly ApiKey[];
	readonly catalog: readonly CatalogEntry[];
	readonly endpoints: readonly ConfiguredEndpoint[];
	readonly inbound: readonly InboundEntry[];
	readonly security: SecuritySettings;
	/** Names that the runner answers to, besides that of its public URL. */
	readonly hosts: readonly string[];
	readonly rateLimit: RateLimit;
	readonly backpressure: DoorSettings;
	/** The retry rules of an endpoint that has none of its own. */
	webhookPolicy(profile: ProfileId): RetryPolicy;
	readonly healthRules: HealthRules;
	/** Where the operator is told about endpoints. */
	readonly notify: ConfigFile['webhook_health']['notify'];
	readonly retention: Retention;
	readonly about: AboutRules;
	readonly loopLimit: number;
	readonly logLevel: ConfigFile['log_level'];
	/** What is odd and can be used all the same, for who starts the runner to read. */
	readonly warnings: readonly string[];
}

/** Reads a YAML or JSON config file. Throws a `ConfigError`. */
export function loadConfig(file: string, environment: Environment): Config {
	const name = file === '' ? 'The config' : file;
	return parseConfig(must(readSource(file), name), name, environment);
}

export function parseConfig(text: string, source: string, environment: Environment): Config {
	const written = must(parseSource(text), source);
	const causes = noCauses();
	const expanded = expandVariables(written, environment, causes);
	const settings = applyOverrides(
		isRecord(expanded) ? expanded : {},
		environment,
		Object.keys(configSchema.shape),
		causes,
	);
	refuseTexts(settings, causes.refused);
	const parsed = configSchema.safeParse(settings);
	const issues: Mistake[] = [];
	if (!parsed.success) {
		issues.push(...mistakesOf(parsed.error.issues, settings).map((one) => nameless(one, settings)));
		// The connections are checked all the same, so that all mistakes show at once.
		const list = Array.isArray(settings.connections) ? settings.connections : [];
		openConnections(list, DEFAULT_RETRY, issues);
		throw new ConfigError(source, linesOf(causes, issues));
	}

	const { data } = parsed;
	const policy = withRules(DEFAULT_RETRY, data.retry);
	const webhookPolicy = (profile: ProfileId): RetryPolicy =>
		withRules(PROFILES[profile].retry, data.webhook_retry);
	const names = new Set(data.connections.map((connection) => connection.name));
	const inbound = toInbound(data.inbound, names, data.public_url, issues);
	const reports = new Map(
		[...names].map((one) => [one, reportRulesOf(one, data.inbound, data.public_url, issues)]),
	);
	const catalog = openConnections(data.connections, policy, issues).map((entry) => ({
		...entry,
		report: reports.get(entry.name),
	}));
	refuseTwins(
		'connections',
		data.connections.map((c) => `${c.channel}:${c.name}`),
		issues,
	);
	refuseTwins(
		'endpoints',
		data.endpoints.map((e) => e.name),
		issues,
	);
	refuseTwins(
		'api_keys',
		data.api_keys.map((k) => k.name),
		issues,
	);
	refuseUrls(data, issues);
	refuseNotify(data.webhook_health.notify, catalog, issues);
	const apiKeys = data.api_keys.map(toApiKey);
	for (const { at, first } of twinsIn(apiKeys.map(({ sha256 }) => sha256.toString('hex')))) {
		const message = `"${apiKeys[at]?.name}" has the key of "${apiKeys[first]?.name}"`;
		issues.push({ path: ['api_keys', at], message });
	}
	const lines = linesOf(causes, issues);
	if (lines.length > 0) throw new ConfigError(source, lines);
	return {
		publicUrl: data.public_url,
		store: data.store,
		apiKeys,
		catalog,
		endpoints: data.endpoints.map((endpoint) => ({
			...toEndpoint(endpoint, webhookPolicy),
			...(endpoint.secret === undefined ? {} : { secret: endpoint.secret }),
			source: 'config',
		})),
		inbound,
		security: data.security,
		hosts: data.security.hosts,
		rateLimit: data.rate_limit,
		backpressure: data.backpressure,
		webhookPolicy,
		healthRules: toHealthRules(data.webhook_health),
		notify: data.webhook_health.notify,
		retention: {
			eventsMs: toMs(data.retention.events_s),
			notificationsMs: toMs(data.retention.notifications_s),
			webhookDeliveriesMs: toMs(data.retention.webhook_deliveries_s),
			heldMs: toMs(data.retention.held_s),
			reportsMs: toMs(data.retention.reports_s),
		},
		about: { includeMessage: data.events.include_message },
		loopLimit: data.loop_limit,
		logLevel: data.log_level,
		warnings: [...causes.warnings, ...warnOfUrls(data)],
	};
}

function must<T>(read: Source<T>, source: string): T {
	if (read.ok) return read.value;
	throw new ConfigError(source, [read.reason]);
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

/** A notice that cannot be sent would be missed on the day that it is needed. */
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

function toApiKey(written: ConfigFile['api_keys'][number]): ApiKey {
	const { name, key, key_sha256, scopes, webhook_secret, rate_limit, quota } = written;
	return {
		name,
		sha256: key === undefined ? Buffer.from(key_sha256 ?? '', 'hex') : hashKey(key),
		scopes,
		webhookSecret: webhook_secret,
		rateLimit: rate_limit,
		quota,
	};
}

export function hashKey(key: string): Buffer {
	return createHash('sha256').update(key).digest();
}

/** What an endpoint's settings mean, with the defaults of its profile. */
export function toEndpoint(
	settings: Omit<EndpointSettings, 'secret'>,
	policyOf: Config['webhookPolicy'],
): Omit<Endpoint, 'id' | 'createdAt' | 'secret' | 'source'> {
	return {
		name: settings.name,
		url: settings.url,
		profile: settings.profile,
		events: settings.events ?? PROFILES[settings.profile].defaultEvents,
		...(settings.events ? {} : { hasDefaultEvents: true }),
		isDefault: settings.default,
		status: 'enabled',
		signatureInput: settings.signature_input,
		ack: settings.ack,
		policy: withRules(policyOf(settings.profile), settings.retry),
		reportType: settings.report_type ?? 'all',
		...(settings.batch ? { batch: toBatch(settings.batch) } : {}),
		...(settings.headers ? { headers: settings.headers } : {}),
		...(settings.rate_limit ? { rateLimit: toRate(settings.rate_limit) } : {}),
	};
}

export function toRate({ max, window_s }: RateLimit): RequestRate {
	return { max, windowMs: window_s * 1000 };
}

export function toBatch(written: NonNullable<EndpointSettings['batch']>): Batch {
	return { maxEvents: written.max_events, maxWaitMs: written.max_wait_ms };
}

function refuseTwins(list: string, names: readonly string[], issues: Mistake[]): void {
	for (const { at } of twinsIn(names)) {
		issues.push({ path: [list, at, 'name'], message: `${names[at]} is there twice` });
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
