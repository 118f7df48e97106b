import type { DeliveryError } from '../errors.ts';
import type {
	BouncedEvent,
	DeliveredEvent,
	DeliveryEvent,
	EngagementEvent,
	FailedEvent,
	FallbackEvent,
	QueuedEvent,
	RetryingEvent,
	SentEvent,
} from '../event.ts';
import type { NewId } from '../ids.ts';
import type { Delivery, Notification } from '../notification.ts';
import { maxAttempts } from '../retry.ts';
import { isoTime } from '../time.ts';

/**
 * Writes a delivery's next event and counts it: `delivery.sequence` of the result is the event's.
 * Field names and types are One-Ping's (its webhook documentation, "Webhook Payload Format").
 */
export class EventWriter {
	private readonly notification: Pick<Notification, 'id' | 'metadata'>;
	private readonly now: number;
	private readonly newId: NewId;
	readonly events: DeliveryEvent[] = [];

	constructor(notification: Pick<Notification, 'id' | 'metadata'>, now: number, newId: NewId) {
		this.notification = notification;
		this.now = now;
		this.newId = newId;
	}

	queued(delivery: Delivery): Delivery {
		return this.write(delivery, (facts): QueuedEvent => ({
			event: 'notification.queued',
			status: 'queued',
			...facts,
		}));
	}

	sent(delivery: Delivery): Delivery {
		return this.write(delivery, (facts): SentEvent => ({
			event: 'notification.sent',
			status: 'sent',
			...facts,
			attempt: delivery.attempts.length,
			latency_ms: delivery.attempts.at(-1)?.latencyMs ?? 0,
		}));
	}

	delivered(delivery: Delivery, confirmation: DeliveredEvent['confirmation']): Delivery {
		const last = delivery.attempts.at(-1);
		return this.write(delivery, (facts): DeliveredEvent => ({
			event: 'notification.delivered',
			status: 'delivered',
			...facts,
			delivered_at: facts.timestamp,
			latency_ms: last?.latencyMs ?? 0,
			attempt: delivery.attempts.length,
			confirmation,
		}));
	}

	retrying(delivery: Delivery, error: DeliveryError, nextRetryAt: number): Delivery {
		return this.write(delivery, (facts): RetryingEvent => ({
			event: 'notification.retrying',
			status: 'retrying',
			...facts,
			attempt: delivery.attempts.length,
			max_attempts: maxAttempts(delivery.policy),
			next_retry_at: isoTime(nextRetryAt),
			error,
		}));
	}

	failed(delivery: Delivery, error: DeliveryError, allChannelsFailed: boolean): Delivery {
		const first = delivery.attempts.at(0);
		const last = delivery.attempts.at(-1);
		return this.write(delivery, (facts): FailedEvent => ({
			event: 'notification.failed',
			status: 'failed',
			...facts,
			error,
			attempts: delivery.attempts.length,
			...(first ? { first_attempt_at: isoTime(first.at) } : {}),
			...(last ? { last_attempt_at: isoTime(last.at) } : {}),
			...(allChannelsFailed ? { all_channels_failed: true } : {}),
		}));
	}

	bounced(
		delivery: Delivery,
		error: DeliveryError,
		bounceType: BouncedEvent['bounce_type'],
		allChannelsFailed: boolean,
	): Delivery {
		return this.write(delivery, (facts): BouncedEvent => ({
			event: 'notification.bounced',
			status: 'bounced',
			...facts,
			bounce_type: bounceType,
			error,
			...(allChannelsFailed ? { all_channels_failed: true } : {}),
		}));
	}

	engagement(
		delivery: Delivery,
		status: EngagementEvent['status'],
		more: Pick<EngagementEvent, 'link' | 'machine'>,
	): Delivery {
		return this.write(delivery, (facts): EngagementEvent => ({
			event: `notification.${status}`,
			status,
			...facts,
			...more,
		}));
	}

	fallback(delivery: Delivery, fromChannel: string, error: DeliveryError): Delivery {
		return this.write(delivery, (facts): FallbackEvent => ({
			event: 'notification.fallback',
			status: 'fallback',
			...facts,
			from_channel: fromChannel,
			error,
		}));
	}

	private write(
		delivery: Delivery,
		event: (facts: Omit<QueuedEvent, 'event' | 'status'>) => DeliveryEvent,
	): Delivery {
		const sequence = delivery.sequence + 1;
		this.events.push(
			event({
				notification_id: this.notification.id,
				delivery_id: delivery.id,
				event_id: this.newId('evt'),
				sequence,
				channel: delivery.channel,
				recipient: delivery.recipient,
				metadata: { ...this.notification.metadata },
				timestamp: isoTime(this.now),
			}),
		);
		return { ...delivery, sequence };
	}
}
