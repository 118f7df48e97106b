import type {
	CatalogEntry,
	Contact,
	HealthRules,
	OnCall,
	Policy,
	ProfileId,
	RetryPolicy,
} from '@sureping/engine';
import type { AboutRules } from '../store/rows/event.ts';
import type { Endpoint } from '../store/contract/endpoints.ts';
import type { Retention } from '../store/contract/upkeep.ts';
import type { SecuritySettings } from '../transport/url-guard.ts';
import type { InboundEntry } from './inbound.ts';
import type {
	BackpressureSettings,
	ConfigFile,
	Quota,
	RateLimit,
	Scope,
} from './settings/index.ts';

export interface ApiKey {
	readonly name: string;
	/** SHA-256 of the key, which itself is not kept. */
	readonly sha256: Buffer;
	readonly scopes: readonly Scope[];
	readonly webhookSecret: string | undefined;
	readonly rateLimit: RateLimit | undefined;
	readonly quota: Quota | undefined;
}

/** An endpoint of the config file; the store gives it its id and the time of its creation. */
export type ConfiguredEndpoint = Omit<Endpoint, 'id' | 'createdAt'>;

/** A config that was checked, in the terms of the engine and the store. */
export interface Config {
	/** URL at which others reach the runner, as providers call and sign it. */
	readonly publicUrl: string | undefined;
	readonly store: string | undefined;
	readonly apiKeys: readonly ApiKey[];
	readonly catalog: readonly CatalogEntry[];
	readonly endpoints: readonly ConfiguredEndpoint[];
	readonly inbound: readonly InboundEntry[];
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policies: readonly Policy[];
	readonly security: SecuritySettings;
	/** Host names that the runner answers to, besides that of its public URL. */
	readonly hosts: readonly string[];
	readonly rateLimit: RateLimit;
	readonly backpressure: BackpressureSettings;
	/** The retry policy of an endpoint without rules of its own. */
	webhookPolicy(profile: ProfileId): RetryPolicy;
	readonly healthRules: HealthRules;
	/** Recipients of notices about endpoints that fail. */
	readonly notify: ConfigFile['webhook_health']['notify'];
	readonly retention: Retention;
	readonly about: AboutRules;
	readonly loopLimit: number;
	readonly logLevel: ConfigFile['log_level'];
	/** Oddities that do not prevent a start; the operator should read them. */
	readonly warnings: readonly string[];
}
