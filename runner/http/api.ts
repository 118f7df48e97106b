import type { CatalogEntry, NewId, RetryPolicy, Transports } from '@sureping/engine';
import type { FastifyInstance, FastifyBaseLogger, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { ApiKey } from '../config/load.ts';
import type { RateLimit, Scope } from '../config/schema.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import type { UrlGuard } from '../transport/url-guard.ts';

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
	readonly apiKeys: readonly ApiKey[];
	/** Of the keys that have none of their own. */
	readonly rateLimit: RateLimit;
	readonly guard: UrlGuard;
	readonly webhookPolicy: RetryPolicy;
	readonly clock: Timers;
	readonly newId: NewId;
	readonly log: Logger;
	readonly metrics: Metrics;
	/** For the one request that an answer waits for: the test of an endpoint. */
	readonly http: {
		readonly trusted: NonNullable<Transports['http']>;
		readonly guarded: NonNullable<Transports['http']>;
	};
	/** Something new may be due. */
	wake(): void;
	replayStarted(): void;
	/** The runner is going down. */
	isStopping(): boolean;
}

declare module 'fastify' {
	interface FastifyContextConfig {
		/** Who may call the route: a key with any of these scopes. Without it, everybody. */
		scopes?: readonly Scope[];
		/** The route looks at each item of its body by itself, so that a bad one does not keep the others back. */
		checksItems?: true;
	}
	interface FastifyRequest {
		/** On routes with scopes: the key that the caller showed. */
		apiKey: ApiKey;
	}
}
