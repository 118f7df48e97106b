import type { NewId } from '@sureping/engine';
import type { AboutRules } from '../rows/event.ts';
import type { GroupCommit } from './db/group-commit.ts';
import type { Reader } from './db/reader.ts';
import type { Soundness } from './db/soundness.ts';
import type { Statements } from './db/statements.ts';
import type { DeliveryClaims } from './deliveries/claims.ts';
import type { KnownEndpoints } from './endpoints/known.ts';
import type { EventTimes } from './feed/times.ts';
import type { WebhookClaims } from './webhooks/claims.ts';

/** The parts of an open store that its subjects share. */
export interface Scope {
	readonly sql: Statements;
	readonly commits: GroupCommit;
	readonly reader: Reader;
	readonly soundness: Soundness;
	readonly newId: NewId;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** The part of a notification's text that its events repeat. */
	readonly about: AboutRules;
	readonly endpoints: KnownEndpoints;
	readonly deliveryClaims: DeliveryClaims;
	readonly webhookClaims: WebhookClaims;
	readonly eventTimes: EventTimes;
}
