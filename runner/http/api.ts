import type { CatalogEntry, NewId, RetryPolicy } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { ApiKey } from '../config/load.ts';
import type { Store } from '../store/store.ts';
import type { UrlGuard } from '../transport/url-guard.ts';
import type { Authenticate } from './auth.ts';

/** What routes are given to work with. */
export interface Api {
	readonly store: Store;
	readonly catalog: readonly CatalogEntry[];
	readonly apiKeys: readonly ApiKey[];
	readonly authenticate: Authenticate;
	readonly guard: UrlGuard;
	readonly webhookPolicy: RetryPolicy;
	readonly clock: Timers;
	readonly newId: NewId;
	readonly log: Logger;
	/** Something new is due. */
	onAccepted(): void;
	/** The runner is going down. */
	isStopping(): boolean;
}
