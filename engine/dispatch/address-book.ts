import type { Notification, Target } from '../notification.ts';

/** A person with addresses, the preferred one first. */
export interface Addressee {
	readonly id: string;
	readonly addresses: readonly {
		readonly channel: string;
		/** Only this connection uses the address. */
		readonly connection?: string | undefined;
		readonly address: string;
	}[];
}

/** The people that a recipient may name, at one moment. A host that keeps none has no address book. */
export interface AddressBook {
	readonly contacts: readonly Addressee[];
	contact(id: string): Addressee | undefined;
	/** Ids of the contacts who are on call at `at`; undefined where there is no on-call of this name. */
	duty(
		name: string,
		at: number,
	): { readonly who: readonly string[]; readonly nobody?: string } | undefined;
	/** The end of a contact's quiet hours that hold at `at`, or `skip`; undefined where none do. */
	quietUntil(contactId: string, at: number): number | 'skip' | undefined;
}

/** The address of a person for a connection: the first of the connection's own, else of its channel's. */
export function addressFor(
	{ addresses }: Addressee,
	{ channel, name }: { readonly channel: string; readonly name: string },
): string | undefined {
	const usable = addresses.filter((one) => one.channel === channel);
	const found =
		usable.find(({ connection }) => connection === name) ??
		usable.find(({ connection }) => connection === undefined);
	return found?.address;
}

/**
 * The time until which quiet hours hold a delivery back at `at`, or `skip`; undefined where none do. They never hold a
 * critical notification, nor one that goes to an address and not to a contact.
 */
export function heldUntil(
	{ priority }: Pick<Notification, 'priority'>,
	{ contactId }: Pick<Target, 'contactId'>,
	at: number,
	people: Pick<AddressBook, 'quietUntil'> | undefined,
): number | 'skip' | undefined {
	return contactId === undefined || priority === 'critical'
		? undefined
		: people?.quietUntil(contactId, at);
}
