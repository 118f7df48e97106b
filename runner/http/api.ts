import type {
	CatalogEntry,
	EndpointHealth,
	NewId,
	ProfileId,
	RetryPolicy,
	Transports,
} from '@sureping/engine';
import type { FastifyInstance, FastifyBaseLogger, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { InboundEntry } from '../config/inbound.ts';
import type { ApiKey } from '../config/config.ts';
import type { RateLimit, Scope } from '../config/settings/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Endpoint } from '../store/contract/endpoints.ts';
import type { Store } from '../store/contract/index.ts';
import type { CertificateSource } from '../transport/certificates.ts';
import type { UrlGuard } from '../transport/url-guard.ts';
import type { Backpressure } from './backpressure.ts';
import type { Reservation } from './in-flight-budget.ts';
import type { ConnectionGates } from '../workers/connection-gates.ts';

/** Fastify with zod schemas on its routes. */
export type App = FastifyInstance<
	RawServerDefault,
	IncomingMessage,
	ServerResponse,
	FastifyBaseLogger,
	ZodTypeProvider
>;

/** The parts of the runner that routes use. */
export interface Api {
	readonly store: Store;
	readonly catalog: readonly CatalogEntry[];
	/** Refuses sends before memory or disk run out. */
	readonly backpressure: Backpressure;
	readonly gates: Pick<ConnectionGates, 'status'>;
	readonly apiKeys: readonly ApiKey[];
	/** For keys without a limit of their own. */
	readonly rateLimit: RateLimit;
	/** Longest chain of sends that follow from each other. */
	readonly loopLimit: number;
	readonly inbound: readonly InboundEntry[];
	/** URL at which others reach the runner. */
	readonly publicUrl: string | undefined;
	/** Other names that it answers to. */
	readonly hosts: readonly string[];
	readonly certificates: CertificateSource;
	readonly guard: UrlGuard;
	/** The most endpoints besides those of the config file. */
	readonly maxEndpoints: number;
	/** The retry rules of an endpoint that has none of its own. */
	webhookPolicy(profile: ProfileId): RetryPolicy;
	readonly clock: Timers;
	readonly newId: NewId;
	readonly log: Logger;
	readonly metrics: Metrics;
	/** For requests that an answer waits for: the test of an endpoint, the confirmation of a subscription. */
	readonly http: {
		readonly trusted: NonNullable<Transports['http']>;
		readonly guarded: NonNullable<Transports['http']>;
	};
	/** The current standing of an endpoint. */
	healthOf(endpoint: Endpoint): EndpointHealth;
	/** Something new may be due. */
	wake(): void;
	replayStarted(): void;
	/** Without it, only the routes for health and metrics exist. */
	readonly isApi: boolean;
	/** The runner is going down. */
	isStopping(): boolean;
}

/** An `Api` of which only these subjects of the store are needed. */
export type ApiWith<Subject extends keyof Store> = Omit<Api, 'store'> & {
	readonly store: Pick<Store, Subject>;
};

declare module 'fastify' {
	interface FastifyContextConfig {
		/** Scopes of which a key needs one to call the route. Without it, no key is needed. */
		scopes?: readonly Scope[];
		/** Most items in the body's list; each is read by itself, so that a bad one does not fail the others. */
		batch?: number;
		/** The route accepts sends, which are stored. */
		takesSends?: true;
	}
	interface FastifyRequest {
		/** On routes with scopes: the caller's key. */
		apiKey: ApiKey;
		/** On routes that take sends: the room that the request holds. */
		reservation: Reservation;
	}
}
