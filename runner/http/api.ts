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

/** What routes are given to work with. */
export interface Api {
	readonly store: Store;
	readonly catalog: readonly CatalogEntry[];
	/** Refuses sends before memory or disk run out. */
	readonly backpressure: Backpressure;
	readonly gates: Pick<ConnectionGates, 'status'>;
	readonly apiKeys: readonly ApiKey[];
	/** Of the keys that have none of their own. */
	readonly rateLimit: RateLimit;
	/** How many sends may follow from each other. */
	readonly loopLimit: number;
	readonly inbound: readonly InboundEntry[];
	/** Where others reach the runner. */
	readonly publicUrl: string | undefined;
	/** Other names that it answers to. */
	readonly hosts: readonly string[];
	readonly certificates: CertificateSource;
	readonly guard: UrlGuard;
	/** How many endpoints there may be beside those of the config file. */
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
	/** How an endpoint fares at this moment. */
	healthOf(endpoint: Endpoint): EndpointHealth;
	/** Something new may be due. */
	wake(): void;
	replayStarted(): void;
	/** Without it there are only the routes that tell how the process is. */
	readonly isApi: boolean;
	/** The runner is going down. */
	isStopping(): boolean;
}

declare module 'fastify' {
	interface FastifyContextConfig {
		/** Who may call the route: a key with any of these scopes. Without it, everybody. */
		scopes?: readonly Scope[];
		/** The body is an object with a list of at most so many items, each read by itself: a bad one does not keep the others back. */
		batch?: number;
		/** What it takes has to be kept. */
		takesSends?: true;
	}
	interface FastifyRequest {
		/** On routes with scopes: the key that the caller showed. */
		apiKey: ApiKey;
		/** On routes that take sends: the room that the request holds. */
		reservation: Reservation;
	}
}
