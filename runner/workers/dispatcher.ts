import {
	afterHold,
	type AnswerParty,
	attempt,
	type AttemptResult,
	type CatalogEntry,
	type Delivery,
	expire,
	giveUp,
	heldUntil,
	holdBack,
	isExpired,
	type NewId,
	type Notification,
	outgoingMessage,
	type Random,
	settle,
	type Transition,
	type Transports,
	unreported,
	withinPolicy,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { deliveredBy } from '../metrics/time-to-delivered.ts';
import type { RunnerDirectory } from '../directory/index.ts';
import type { DueDelivery } from '../store/contract/deliveries.ts';
import type { Store } from '../store/contract/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { logEvents } from '../log-events.ts';
import type { ConnectionGates } from './connection-gates.ts';
import { DueLoop } from './due-loop.ts';
import { LastChances } from './last-chances.ts';
import { untilStored } from './until-stored.ts';

export interface DispatcherOptions {
	readonly store: Pick<Store, 'deliveries' | 'deadLetters'>;
	readonly catalog: readonly CatalogEntry[];
	readonly transports: Transports;
	readonly clock: Timers;
	readonly random: Random;
	readonly newId: NewId;
	readonly log: Logger;
	readonly metrics: Metrics;
	/** Knows the quiet hours of contacts. */
	readonly directory: Pick<RunnerDirectory, 'snapshot'>;
	/** Receives the outcomes of attempts. */
	readonly gates: ConnectionGates;
	/** The URL at which the reader of a page answers its incident; undefined where there is none. */
	linkFor(incidentId: string, party: AnswerParty): string | undefined;
	isStopping(): boolean;
	/** Called when events were stored, so that their webhooks go out. */
	onEvents(): void;
}

/** Attempts under way at once, through all connections: see `DeliveryQueue.claim` for how they share them. */
const CONCURRENCY = 256;
/** A fault of the runner: a retry would fail the same way and could send the message twice. */
const DEAD_LETTER = 'a delivery became a dead letter';

/** Carries out due deliveries. */
export function createDispatcher(options: DispatcherOptions): DueLoop<DueDelivery> {
	const { store, clock, log } = options;
	const chances = new LastChances();
	const loop = new DueLoop<DueDelivery>({
		clock,
		concurrency: CONCURRENCY,
		claim: (now, limit) => store.deliveries.claim(now, limit),
		nextAt: (time) => store.deliveries.nextAt(time),
		release: ({ deliveryId }) => store.deliveries.release(deliveryId),
		onError: (err) => log.error({ err }, 'the dispatcher met an error'),
		async handle(due) {
			try {
				const transition = await dispatch(due, options, chances);
				logEvents(log, transition.events);
				options.metrics.countEvents(transition.events);
				options.metrics.countDelivered(deliveredBy(transition));
				options.onEvents();
			} catch (err) {
				if (options.isStopping()) throw err;
				const { notification, deliveryId } = due;
				log.error({ err, delivery_id: deliveryId, notification_id: notification.id }, DEAD_LETTER);
				const reason = err instanceof Error ? err.message : String(err);
				await untilStored(clock, log, options.isStopping, () =>
					store.deadLetters.add('delivery', [deliveryId], reason),
				);
			} finally {
				store.deliveries.release(due.deliveryId);
			}
		},
	});
	return loop;
}

async function dispatch(
	{ notification, deliveryId, heldMs, isTooLate }: DueDelivery,
	options: DispatcherOptions,
	chances: LastChances,
): Promise<Transition> {
	const { store, clock, log, metrics } = options;
	const now = clock.now();
	const delivery = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!delivery) throw new Error(`${notification.id} has no delivery ${deliveryId}`);
	if (delivery.state === 'sent') {
		// The wait for a report is over; no attempt is due.
		return await untilStored(clock, log, options.isStopping, () =>
			store.deliveries.update(notification.id, (current) =>
				unreported(current, deliveryId, now, options),
			),
		);
	}
	const hasExpired = isExpired(notification, now);
	const quiet = hasExpired ? undefined : await quietHours(notification, delivery, options, now);
	if (quiet !== undefined) {
		return await untilStored(clock, log, options.isStopping, () =>
			store.deliveries.update(notification.id, (current) =>
				holdBack(current, deliveryId, quiet, now, options),
			),
		);
	}
	const made =
		hasExpired || isTooLate ? undefined : await attemptOnce(notification, delivery, options, now);
	const result = made && {
		...made,
		outcome: chances.weigh(delivery, made.outcome, clock.now()),
	};
	if (result) {
		metrics.countAttempt(delivery, result);
		tellGate(delivery, result, options);
	}
	// The outcome is known and must not be lost: another attempt would repeat the message.
	return await untilStored(clock, log, options.isStopping, () =>
		store.deliveries.update(notification.id, (current) => {
			if (!result) return (hasExpired ? expire : giveUp)(current, deliveryId, now, options);
			const held = afterHold(current, deliveryId, heldMs);
			const bounded = withinPolicy(held, deliveryId, result);
			return settle(bounded.notification, deliveryId, bounded.result, options);
		}),
	);
}

/**
 * Quiet hours are looked at before every attempt: those that begin while a delivery is retried hold it too, and a contact
 * may have changed them since the send.
 */
async function quietHours(
	notification: Notification,
	delivery: Delivery,
	{ directory, clock, log, isStopping }: DispatcherOptions,
	now: number,
): Promise<number | 'skip' | undefined> {
	// Most deliveries go to an address, and need no look at the contacts.
	if (delivery.contactId === undefined || notification.priority === 'critical') return undefined;
	const people = await untilStored(
		clock,
		log,
		isStopping,
		() => directory.snapshot(),
		'the contacts could not be read yet',
	);
	return heldUntil(notification, delivery, now, people);
}

function tellGate(
	{ id, channel, connection }: Delivery,
	{ outcome }: AttemptResult,
	{ gates, clock, log }: DispatcherOptions,
): void {
	const lane = `${channel}:${connection}`;
	const change = gates.settle(lane, id, outcome, clock.now());
	const error = outcome.result === 'failed' ? outcome.error : undefined;
	if (change === 'down') log.error({ connection: lane, error }, 'a connection is down');
	if (change === 'up') log.info({ connection: lane }, 'a connection is back');
}

async function attemptOnce(
	notification: Notification,
	delivery: Delivery,
	options: DispatcherOptions,
	now: number,
): Promise<AttemptResult> {
	const { catalog, transports, clock, log } = options;
	const number = delivery.attempts.length + 1;
	const entry = catalog.find(
		({ channel, name }) => channel === delivery.channel && name === delivery.connection,
	);
	if (!entry) {
		const error = {
			code: 'NOT_CONFIGURED' as const,
			message: `The connection ${delivery.channel}:${delivery.connection} is not in the configuration any more`,
		};
		const outcome = { result: 'failed' as const, permanent: true, error };
		return { attempt: number, at: now, latencyMs: 0, outcome };
	}
	try {
		return await attempt(
			entry.connection,
			outgoingMessage(
				notification,
				delivery,
				now,
				answerLine(notification, delivery, entry, options),
			),
			transports,
			clock,
		);
	} catch (err) {
		// A transport broke its contract. Whether the message left is unknown, so it counts as an attempt that may be repeated.
		log.error({ err, delivery_id: delivery.id }, 'a channel failed unexpectedly');
		const error = { code: 'UNEXPECTED_ANSWER' as const, message: 'The attempt broke off' };
		const latencyMs = Math.max(0, clock.now() - now);
		const outcome = { result: 'failed' as const, permanent: false, error };
		return { attempt: number, at: now, latencyMs, outcome };
	}
}

/**
 * The line by which the reader of a page answers. It is not stored with the page, as its events repeat the text. A text that
 * is too long for the channel with it goes out without it.
 */
function answerLine(
	{ incidentId, message, subject }: Notification,
	{ channel, connection: name, contactId }: Delivery,
	{ connection }: CatalogEntry,
	{ linkFor }: DispatcherOptions,
): string | undefined {
	if (incidentId === undefined) return undefined;
	const link = linkFor(incidentId, { contactId, channel: `${channel}:${name}` });
	if (link === undefined) return undefined;
	const line = `Acknowledge: ${link}`;
	return connection.refuseMessage(`${message}\n\n${line}`, subject) ? undefined : line;
}
