import type { OpenConnection } from '../channels/index.ts';
import type { ConnectionLimits } from '../limits/index.ts';
import type { ReportRules } from '../notification.ts';
import type { RetryPolicy } from '../retry.ts';

/** A connection that this host can send through; a channel's first one is its default. */
export interface CatalogEntry {
	readonly channel: string;
	readonly name: string;
	readonly connection: OpenConnection;
	readonly policy: RetryPolicy;
	/** Absent where the host keeps no limits, as n8n does not. */
	readonly limits?: ConnectionLimits;
	/** The rules for the reports of its service; absent where it has none. */
	readonly report?: ReportRules | undefined;
}
