import type { NewId } from '@sureping/engine';
import type { AboutRules } from '../rows/event.ts';
import type { Database } from './db/database.ts';
import type { GroupCommits } from './db/group-commit.ts';
import type { Leases } from './db/leases.ts';
import type { SharedConnectionLimits } from './db/shared-connection-limits.ts';
import type { WorkSignals } from './db/work-signals.ts';
import type { DeliveryClaims } from './deliveries/claims.ts';
import type { KnownEndpoints } from './endpoints/known.ts';
import type { WebhookClaims } from './webhooks/claims.ts';

/** The parts of an open store that its subjects share. */
export interface Scope {
	readonly database: Database;
	readonly groups: GroupCommits;
	readonly leases: Leases;
	readonly signals: WorkSignals;
	readonly newId: NewId;
	/** Milliseconds since 1970. */
	now(): number;
	/** The parts of a notification's text that its events repeat. */
	readonly about: AboutRules;
	readonly endpoints: KnownEndpoints;
	readonly connectionLimits: SharedConnectionLimits;
	readonly deliveryClaims: DeliveryClaims;
	readonly webhookClaims: WebhookClaims;
}
