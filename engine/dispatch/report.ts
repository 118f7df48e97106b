import type { DeliveryError, ErrorCode } from '../errors.ts';
import type { BouncedEvent, EngagementEvent } from '../event.ts';
import type { Delivery, Notification } from '../notification.ts';
import { providerTitle } from '../receive/providers/index.ts';
import type { ReceivedEvent } from '../received-event.ts';
import { EventWriter } from './events.ts';
import { endWithoutSuccess } from './fall-back.ts';
import { ended } from './settle.ts';
import { type StepPorts, type Transition, withDelivery } from './transition.ts';

/**
 * Applies a service's report on a message. A delivery that is `sent` waits for its report, which makes it final. After
 * that nothing changes, with one exception: a delivery that only the service vouched for turns `bounced` when the
 * message comes back after all, and the fallback starts. What the recipient does with a message is an event and changes
 * nothing. A report out of order, or one that says nothing new, leaves no trace.
 */
export function applyReport(
	notification: Notification,
	deliveryId: string,
	report: ReceivedEvent,
	now: number,
	{ newId }: Pick<StepPorts, 'newId'>,
): Transition {
	const delivery = notification.deliveries.find(({ id }) => id === deliveryId);
	const meaning = MEANINGS[report.type];
	if (!delivery || !meaning) return { notification, events: [] };
	const writer = new EventWriter(notification, now, newId);
	const changed = (after: Delivery): Transition => ({
		notification: withDelivery(notification, after),
		events: writer.events,
	});
	const isAwaited = delivery.state === 'sent';

	if (meaning === 'delivered') {
		return isAwaited ? changed(confirm(delivery, report, writer)) : { notification, events: [] };
	}
	if (meaning === 'lost') {
		const isRevocable = delivery.state === 'delivered' && delivery.confirmation === 'service';
		if (!isAwaited && !isRevocable) return { notification, events: [] };
		const error = errorOf(report);
		const isBounce = isRevocable || report.type === 'notification.bounced';
		const type: BouncedEvent['bounce_type'] = report.bounceType ?? 'soft';
		return endWithoutSuccess(
			notification,
			withoutConfirmation(ended(delivery, isBounce ? 'bounced' : 'failed')),
			error,
			now,
			writer,
			newId,
			(after, all) =>
				isBounce ? writer.bounced(after, error, type, all) : writer.failed(after, error, all),
		);
	}
	const { link, machine } = report;
	// A message that was read has arrived; some services report only the reading.
	const arrived =
		meaning === 'read' && isAwaited
			? confirm(delivery, { ...report, confirmation: 'device' }, writer)
			: delivery;
	return changed(
		writer.engagement(arrived, meaning, {
			...(link === undefined ? {} : { link }),
			...(machine ? { machine } : {}),
		}),
	);
}

/** Ends the wait for a report that did not come in time, as the connection's rules say. */
export function unreported(
	notification: Notification,
	deliveryId: string,
	now: number,
	{ newId }: Pick<StepPorts, 'newId'>,
): Transition {
	const delivery = notification.deliveries.find(({ id }) => id === deliveryId);
	if (delivery?.state !== 'sent') return { notification, events: [] };
	const writer = new EventWriter(notification, now, newId);
	if (delivery.report?.otherwise !== 'failed') {
		const confirmation = 'service';
		const delivered: Delivery = { ...ended(delivery, 'delivered'), confirmation };
		const recorded = writer.delivered(delivered, confirmation);
		return { notification: withDelivery(notification, recorded), events: writer.events };
	}
	const error: DeliveryError = {
		code: 'UNCONFIRMED',
		message: `No report came within ${delivery.report.timeoutMs / 1000} s`,
	};
	return endWithoutSuccess(
		notification,
		ended(delivery, 'failed'),
		error,
		now,
		writer,
		newId,
		(after, all) => writer.failed(after, error, all),
	);
}

/** The effect of a report's type on a delivery; types that are not listed have none. */
const MEANINGS: Readonly<
	Partial<Record<ReceivedEvent['type'], 'delivered' | 'lost' | EngagementEvent['status']>>
> = {
	'notification.delivered': 'delivered',
	'notification.failed': 'lost',
	'notification.bounced': 'lost',
	'notification.suppressed': 'lost',
	'notification.opened': 'opened',
	'notification.clicked': 'clicked',
	'notification.read': 'read',
	'notification.complained': 'complained',
	'notification.unsubscribed': 'unsubscribed',
};

function confirm(
	delivery: Delivery,
	{ confirmation = 'service' }: ReceivedEvent,
	writer: EventWriter,
): Delivery {
	return writer.delivered({ ...ended(delivery, 'delivered'), confirmation }, confirmation);
}

function withoutConfirmation({ confirmation: _revoked, ...delivery }: Delivery): Delivery {
	return delivery;
}

function errorOf({
	type,
	bounceType,
	provider,
	status,
	providerEvent,
	error,
}: ReceivedEvent): DeliveryError {
	const code: ErrorCode =
		type === 'notification.suppressed'
			? 'SUPPRESSED'
			: bounceType === 'hard'
				? 'RECIPIENT_REJECTED'
				: 'NOT_DELIVERED';
	const said = error ? ` (${error.code}): ${error.message}` : '';
	return {
		code,
		message: `${providerTitle(provider)} reported ${providerEvent ?? status}${said}`,
	};
}
