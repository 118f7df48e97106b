import type { ReceivedType } from '../receive/vocabulary.ts';

/** The part of an endpoint that decides which events it gets. */
export interface Subscription {
	readonly id: string;
	readonly events: readonly ReceivedType[];
	/** A send's own `callback_url` takes this endpoint's place. */
	readonly isDefault: boolean;
}

/**
 * The endpoints that an event is owed to, also those that are disabled: they get it when they are enabled again.
 * `hasCallback` says that its notification named a `callback_url`.
 */
export function subscribersOf<S extends Subscription>(
	event: { readonly event: ReceivedType },
	hasCallback: boolean,
	endpoints: readonly S[],
): readonly S[] {
	return endpoints.filter(
		({ events, isDefault }) => events.includes(event.event) && !(hasCallback && isDefault),
	);
}
