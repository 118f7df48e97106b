import { z } from 'zod/v4';
import { onePingReceiver } from './one-ping.ts';
import type { Receiver } from './received.ts';

/** What our own events have beyond One-Ping's. */
export const surepingFacts = z.looseObject({
	event_id: z.string().min(1),
	delivery_id: z.string().min(1),
	sequence: z.int().min(1),
});

/** Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. */
export const sureping: Receiver = onePingReceiver('sureping', surepingFacts);
