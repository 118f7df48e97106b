import {
	type CatalogEntry,
	type Delivery,
	type EscalationEvent,
	exchange,
	type HttpClient,
	type IncidentTransition,
	isoTime,
	type Notification,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from './clock.ts';
import type { Incidents } from './store/contract/incidents.ts';
import type { Notifications } from './store/contract/notifications.ts';

export interface MessageEditorOptions {
	readonly notifications: Pick<Notifications, 'get'>;
	readonly catalog: readonly CatalogEntry[];
	readonly http: HttpClient;
	readonly clock: Pick<Timers, 'now'>;
	readonly log: Logger;
}

const TIMEOUT_MS = 10_000;
/** The newest pages of an incident are edited; the older ones keep their buttons, which say that it is answered. */
const MOST_PAGES = 50;

/**
 * Edits the messages of an incident's pages once it is answered: they say who answered and when, and their buttons are gone.
 * Nothing waits for it, and a message that cannot be edited stays as it is: its buttons do no harm.
 */
export class MessageEditor {
	private readonly options: MessageEditorOptions;
	private readonly underWay = new Set<Promise<void>>();

	constructor(options: MessageEditorOptions) {
		this.options = options;
	}

	/** The incidents of a store, whose answers are edited into the messages. */
	watching(incidents: Incidents): Incidents {
		return {
			...incidents,
			change: async (...step) => {
				const transition = await incidents.change(...step);
				if (transition) this.look(transition);
				return transition;
			},
		};
	}

	/** Waits for the edits under way. */
	async stop(): Promise<void> {
		await Promise.all(this.underWay);
	}

	private look({ incident, events }: IncidentTransition): void {
		const note = noteOf(events);
		if (note === undefined) return;
		const ids = incident.pages.slice(-MOST_PAGES).map(({ notificationId }) => notificationId);
		const editing = this.editAll(ids, note)
			.catch((err: unknown) => this.options.log.error({ err }, 'messages were not edited'))
			.finally(() => this.underWay.delete(editing));
		this.underWay.add(editing);
	}

	private async editAll(ids: readonly string[], note: string): Promise<void> {
		for (const id of ids) {
			const found = await this.options.notifications.get(id);
			for (const delivery of found?.notification.deliveries ?? []) {
				if (found) await this.edit(found.notification, delivery, note);
			}
		}
	}

	private async edit(
		{ message, subject }: Notification,
		{ id, channel, connection: name, messageId }: Delivery,
		note: string,
	): Promise<void> {
		const { catalog, http, clock, log } = this.options;
		const entry = catalog.find((one) => one.channel === channel && one.name === name);
		if (messageId === undefined || !entry?.connection.edit) return;
		const call = entry.connection.edit({
			...{ messageId, note, subject, text: message },
			timeoutMs: TIMEOUT_MS,
		});
		const outcome = await exchange(call, http, clock);
		if (outcome.result === 'delivered') return;
		log.warn({ delivery_id: id, error: outcome.error }, 'a message was not edited');
	}
}

const SAID = {
	'escalation.acknowledged': 'Acknowledged',
	'escalation.resolved': 'Resolved',
} as const;

/** The line that tells of an answer; undefined where there was none. */
function noteOf(events: readonly EscalationEvent[]): string | undefined {
	const answer = events.findLast(
		(event) => event.event === 'escalation.acknowledged' || event.event === 'escalation.resolved',
	);
	if (answer?.event !== 'escalation.acknowledged' && answer?.event !== 'escalation.resolved') {
		return undefined;
	}
	const { by, via, timestamp } = answer;
	const who = by === undefined ? (via === 'timeout' ? '' : ` via ${via}`) : ` by ${by}`;
	// To the minute: who reads it compares it with a clock.
	const [date = '', time = ''] = isoTime(Date.parse(timestamp)).split('T');
	const [hours = '', minutes = ''] = time.split(':');
	return `${SAID[answer.event]}${who}, ${date} ${hours}:${minutes} UTC`;
}
