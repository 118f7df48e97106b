import type { EventType } from '../event.ts';

/** The part of an endpoint that decides which events it gets. */
export interface Subscription {
	readonly id: string;
	readonly events: readonly EventType[];
	/** A send's own `callback_url` takes this endpoint's place. */
	readonly isDefault: boolean;
	readonly status: 'enabled' | 'disabled';
}

/** The endpoints that an event goes to. `hasCallback` says that its notification named a `callback_url`. */
export function subscribersOf<S extends Subscription>(
	event: { readonly event: EventType },
	hasCallback: boolean,
	endpoints: readonly S[],
): readonly S[] {
	return endpoints.filter(
		({ events, isDefault, status }) =>
			status === 'enabled' && events.includes(event.event) && !(hasCallback && isDefault),
	);
}
