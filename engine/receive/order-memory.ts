import type { ReceivedEvent } from '../received-event.ts';
import { MEANINGS } from '../vocabulary.ts';

type Stage = 0 | 1 | 2;

/**
 * Remembers how far each delivery came, so that an event that arrives late is marked as out of order: no provider
 * promises an order. It knows only the events that it has seen, and forgets the deliveries that were seen longest ago.
 */
export class OrderMemory {
	private readonly furthest = new Map<string, Stage>();
	private readonly capacity: number;

	/** `capacity` is the most deliveries to remember. */
	constructor(capacity: number) {
		this.capacity = capacity;
	}

	/** The event, marked as out of order and not final where its delivery has a later one already. */
	place(event: ReceivedEvent): ReceivedEvent {
		const { stage } = MEANINGS[event.type];
		if (stage === undefined) return event;
		const delivery = JSON.stringify([event.provider, event.notificationId, partOf(event)]);
		const known = this.furthest.get(delivery);
		// Set anew, so that the delivery is the youngest of the map.
		this.furthest.delete(delivery);
		this.furthest.set(delivery, known === undefined || stage > known ? stage : known);
		if (this.furthest.size > this.capacity) this.forgetOldest();
		return known !== undefined && stage < known
			? { ...event, final: false, outOfOrder: true }
			: event;
	}

	private forgetOldest(): void {
		for (const delivery of this.furthest.keys()) {
			this.furthest.delete(delivery);
			return;
		}
	}
}

/** Tells the deliveries of one message apart, each of which comes on by itself: by their ids, else by channel and recipient. */
export function partOf({ deliveryId, channel, recipient }: ReceivedEvent): string {
	return JSON.stringify(deliveryId === undefined ? [channel, recipient] : [deliveryId]);
}
