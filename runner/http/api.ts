import type {
	CatalogEntry,
	EndpointHealth,
	NewId,
	ProfileId,
	RetryPolicy,
	TimeZones,
	Transports,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { AnswerLinks } from '../answer-links.ts';
import type { Timers } from '../clock.ts';
import type { InboundEntry } from '../config/inbound.ts';
import type { ApiKey } from '../config/config.ts';
import type { RateLimit, Scope } from '../config/settings/index.ts';
import type { Entries, RunnerDirectory } from '../directory/index.ts';
import type { MakeIncidentPorts } from '../incident-ports.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Endpoint } from '../store/contract/endpoints.ts';
import type { Store } from '../store/contract/index.ts';
import type { CertificateSource } from '../transport/certificates.ts';
import type { UrlGuard } from '../transport/url-guard.ts';
import type { Backpressure } from './backpressure.ts';
import type { Reservation } from './in-flight-budget.ts';
import type { ConnectionGates } from '../workers/connection-gates.ts';

/** The parts of the runner that routes use. */
export interface Api {
	readonly store: Store;
	readonly catalog: readonly CatalogEntry[];
	/** Refuses sends before memory or disk run out. */
	readonly backpressure: Backpressure;
	readonly gates: Pick<ConnectionGates, 'status'>;
	readonly apiKeys: readonly ApiKey[];
	/** Rate limit of the keys that have none of their own. */
	readonly rateLimit: RateLimit;
	/** Longest chain of sends that follow from each other. */
	readonly loopLimit: number;
	/** The ports of a step of an incident. */
	readonly incidentPorts: MakeIncidentPorts;
	readonly inbound: readonly InboundEntry[];
	/** Contacts, on-calls and policies of the config file. */
	readonly configured: Entries;
	/** These and those of the API. */
	readonly directory: RunnerDirectory;
	readonly timeZones: TimeZones;
	/** URL at which others reach the runner. */
	readonly publicUrl: string | undefined;
	/** Other host names that it answers to. */
	readonly hosts: readonly string[];
	readonly certificates: CertificateSource;
	readonly guard: UrlGuard;
	/** Most endpoints besides those of the config file. */
	readonly maxEndpoints: number;
	/** The retry policy of an endpoint without rules of its own. */
	webhookPolicy(profile: ProfileId): RetryPolicy;
	readonly clock: Timers;
	readonly newId: NewId;
	readonly log: Logger;
	readonly metrics: Metrics;
	/**
	 * HTTP clients for requests that an answer waits for: the test of an endpoint, the confirmation of a subscription.
	 */
	readonly http: {
		readonly trusted: NonNullable<Transports['http']>;
		readonly guarded: NonNullable<Transports['http']>;
	};
	/** The current health of an endpoint. */
	healthOf(endpoint: Endpoint): EndpointHealth;
	/** Links by which the readers of pages answer. */
	readonly links: AnswerLinks;
	/** Call it when a delivery, a webhook or an incident may have become due. */
	wake(): void;
	replayStarted(): void;
	/** False for a process that serves only health, metrics and its version. */
	readonly isApi: boolean;
	/** True while the runner shuts down. */
	isStopping(): boolean;
}

/** An `Api` of which only these subjects of the store are needed. */
export type ApiWith<Subject extends keyof Store> = Omit<Api, 'store'> & {
	readonly store: Pick<Store, Subject>;
};

declare module 'fastify' {
	interface FastifyContextConfig {
		/** Scopes of which a key needs one to call the route. Without it, anyone may call it. */
		scopes?: readonly Scope[];
		/** Most items in the list of the body. Each is read by itself, so that a bad one does not affect the others. */
		batch?: number;
		/** Marks routes that store sends, to which backpressure applies. */
		takesSends?: true;
		/** Marks routes other than lists whose answers may have megabytes, so that they wait for room in the `AnswerBudget`. */
		isLarge?: true;
	}
	interface FastifyRequest {
		/** On routes with scopes: the caller's key. */
		apiKey: ApiKey;
		/** On routes that take sends: the room that the request holds. */
		reservation: Reservation;
	}
}
