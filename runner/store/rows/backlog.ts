import { idTime } from '@sureping/engine';
import type { Backlog } from '../contract/upkeep.ts';
import { optionalNumber, type Row } from './columns.ts';

/** Reads the backlog from the columns that both stores select. `oldest_webhook` is an id, which contains its time. */
export function toBacklog(row: Row | undefined): Backlog {
	const { oldest_webhook } = row ?? {};
	return {
		deliveries: Number(row?.deliveries),
		deliveriesSince: optionalNumber(row?.deliveries_since),
		webhooks: Number(row?.webhooks),
		webhooksSince: typeof oldest_webhook === 'string' ? idTime(oldest_webhook) : undefined,
		held: Number(row?.held),
		exhausted: Number(row?.exhausted),
		deadLetters: Number(row?.dead_letters),
	};
}
