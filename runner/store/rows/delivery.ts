import {
	type Delivery,
	DELIVERY_STATES,
	type DeliveryError,
	FINAL_STATES,
	isFinal,
	type Notification,
	type ReportRules,
	timeLeft,
} from '@sureping/engine';
import { BrokenRow } from '../contract/errors.ts';
import { owedSince } from '../../metrics/time-to-delivered.ts';
import {
	fromJson,
	type NewRow,
	optionalJson,
	optionalNumber,
	optionalText,
	type Row,
	word,
} from './columns.ts';

/** Critical before normal, in the order in which they are claimed. */
export const PRIORITIES = ['critical', 'normal'] as const;

/** The lane of a delivery: its connection, or '' while it waits for a report. */
export function laneOf({ channel, connection, state }: Delivery): string {
	return state === 'sent' ? '' : `${channel}:${connection}`;
}

/** The fields of a waiting delivery that claims need. */
export interface WaitingDelivery {
	readonly id: string;
	readonly notificationId: string;
	readonly lane: string;
	/** An index of `PRIORITIES`. */
	readonly priority: number;
	readonly recipient: string;
	readonly dueAt: number;
	/** Reserved start of a delivery whose recipient has a limit; milliseconds since 1970. */
	readonly reservedFor: number | undefined;
}

/** The columns of `toWaiting`. */
export const WAITING = [
	'id',
	'notification_id',
	'lane',
	'priority',
	'recipient',
	'due_at',
	'turn_at',
];

/** Condition on a delivery `d`: it is due some time, or its state is not final. */
export const NOT_ENDED = `(d.due_at IS NOT NULL
	OR d.state NOT IN (${[...FINAL_STATES].map((state) => `'${state}'`).join(', ')}))`;

export function toWaiting(row: Row): WaitingDelivery {
	return {
		id: String(row.id),
		notificationId: String(row.notification_id),
		lane: String(row.lane),
		priority: Number(row.priority),
		recipient: String(row.recipient),
		dueAt: Number(row.due_at),
		reservedFor: optionalNumber(row.turn_at),
	};
}

export function deliveryRow(
	notification: Notification,
	delivery: Delivery,
	position: number,
): NewRow {
	return {
		...deliveryChanges(notification, delivery),
		notification_id: notification.id,
		position,
		role: delivery.role,
		channel: delivery.channel,
		connection: delivery.connection,
		recipient: delivery.recipient,
		contact_id: delivery.contactId ?? null,
		priority: PRIORITIES.indexOf(notification.priority),
		report: optionalJson(delivery.report),
		owed_since: owedSince(notification),
	};
}

/** The columns of a delivery that a transition may change, with its id. */
export function deliveryChanges(notification: Notification, delivery: Delivery): NewRow {
	return {
		id: delivery.id,
		policy: JSON.stringify(delivery.policy),
		state: delivery.state,
		attempts: JSON.stringify(delivery.attempts),
		sequence: delivery.sequence,
		message_id: delivery.messageId ?? null,
		confirmation: delivery.confirmation ?? null,
		error: optionalJson(delivery.error),
		...owedTo(notification, delivery),
		turn_at: null,
	};
}

/** The times at which a delivery has something due; all null once it has not. */
export function owedTo(
	notification: Notification,
	delivery: Delivery,
): Record<'due_at' | 'last_at' | 'expires_at', number | null> & { lane: string } {
	const due_at = isFinal(delivery) ? null : (delivery.dueAt ?? null);
	const lane = laneOf(delivery);
	if (due_at === null || lane === '') return { due_at, lane, last_at: null, expires_at: null };
	const last_at = due_at + timeLeft(delivery.policy, delivery.attempts.length);
	return { due_at, lane, last_at, expires_at: notification.expiresAt ?? null };
}

export function toDelivery(row: Row): Delivery {
	const dueAt = optionalNumber(row.due_at);
	const messageId = optionalText(row.message_id);
	const confirmation = optionalText(row.confirmation);
	const contactId = optionalText(row.contact_id);
	return {
		id: String(row.id),
		role: word(row.role),
		channel: String(row.channel),
		connection: String(row.connection),
		recipient: String(row.recipient),
		policy: fromJson(row.policy),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		sequence: Number(row.sequence),
		...(dueAt === undefined ? {} : { dueAt }),
		...(row.report === null ? {} : { report: fromJson<ReportRules>(row.report) }),
		...(row.error === null ? {} : { error: fromJson<DeliveryError>(row.error) }),
		...(messageId === undefined ? {} : { messageId }),
		...(contactId === undefined ? {} : { contactId }),
		...(confirmation === undefined
			? {}
			: { confirmation: word<'service' | 'device'>(confirmation) }),
	};
}

/** All deliveries of a notification with their attempts, in the order of their positions, as one JSON list. */
export function deliveriesJson({ deliveries }: Notification): string {
	return JSON.stringify(deliveries);
}

/** Reads what `deliveriesJson` wrote. Throws a `BrokenRow` for anything else. */
export function toDeliveries(text: unknown): readonly Delivery[] {
	const list = fromJson<readonly Delivery[]>(text);
	if (!Array.isArray(list) || !list.every(isDelivery)) {
		throw new BrokenRow('Its deliveries are not a list of deliveries any more');
	}
	return list;
}

/** The deliveries with these due times, by id, in place of their own: a delivery that is put aside has none. */
export function withDueTimes(
	deliveries: readonly Delivery[],
	due: ReadonlyMap<string, number>,
): readonly Delivery[] {
	return deliveries.map((delivery) => {
		const { dueAt: before, ...rest } = delivery;
		const dueAt = due.get(delivery.id);
		if (dueAt === before) return delivery;
		return dueAt === undefined ? rest : { ...rest, dueAt };
	});
}

/** Checks the parts that the next step of a delivery is decided from; the store wrote the others with them. */
function isDelivery(value: unknown): value is Delivery {
	if (!isObject(value)) return false;
	const { id, state, attempts, policy, report, error } = value;
	return (
		typeof id === 'string' &&
		DELIVERY_STATES.some((known) => known === state) &&
		Array.isArray(attempts) &&
		isObject(policy) &&
		Array.isArray(policy.delaysMs) &&
		(report === undefined || isObject(report)) &&
		(error === undefined || isObject(error))
	);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null;

/** The deliveries of `after` that are not the same object as before: new ones, and those that changed. */
export function changedDeliveries(
	before: Notification,
	after: Notification,
): { readonly added: readonly [Delivery, number][]; readonly changed: readonly Delivery[] } {
	const added: [Delivery, number][] = [];
	const changed: Delivery[] = [];
	after.deliveries.forEach((delivery, position) => {
		const old = before.deliveries[position];
		if (!old) added.push([delivery, position]);
		else if (old !== delivery) changed.push(delivery);
	});
	return { added, changed };
}
