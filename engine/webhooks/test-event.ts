import type { DeliveryEvent } from '../event.ts';
import type { NewId } from '../ids.ts';
import { isoTime } from '../time.ts';
import { hasPayloadFor } from './encode.ts';
import type { FormatOptions, ProfileId } from './profiles/index.ts';

/** Channels that some profiles are limited to. */
const CHANNELS = ['test', 'email', 'sms'] as const;

/**
 * A made-up event that tests an endpoint: the first one that its profile has a payload for. Undefined where it has one
 * for none of them. `now` in milliseconds since 1970.
 */
export function testEvent(
	profile: ProfileId,
	options: FormatOptions,
	newId: NewId,
	now: number,
): DeliveryEvent | undefined {
	const timestamp = isoTime(now);
	const facts = {
		notification_id: newId('msg'),
		delivery_id: newId('dlv'),
		event_id: newId('evt'),
		sequence: 1,
		recipient: 'test',
		metadata: { test: true },
		timestamp,
	};
	const delivered = {
		event: 'notification.delivered',
		status: 'delivered',
		delivered_at: timestamp,
		latency_ms: 0,
		attempt: 1,
		confirmation: 'service',
	} as const;
	const opened = { event: 'notification.opened', status: 'opened' } as const;
	const events = [delivered, opened].flatMap((what) =>
		CHANNELS.map((channel): DeliveryEvent => ({ ...facts, channel, ...what })),
	);
	return events.find((event) => hasPayloadFor(profile, event, options));
}
