import { z } from 'zod/v4';
import { onePingPayload, onePingReceiver } from './one-ping.ts';
import type { Receiver } from './received.ts';

/** Our own events: One-Ping's payload, with facts that it does not give. */
export const surepingPayload = onePingPayload.extend({
	event_id: z.string().min(1),
	delivery_id: z.string().min(1),
	sequence: z.int().min(1),
});

/** Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. */
export const sureping: Receiver = onePingReceiver('sureping', surepingPayload);
