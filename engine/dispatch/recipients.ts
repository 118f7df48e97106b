import type { SendRequest } from '../notification.ts';
import { type Addressee, type AddressBook, addressFor } from './address-book.ts';
import type { CatalogEntry } from './catalog.ts';

/** An address, and the contact whose it is. */
export interface Addressed {
	readonly recipient: string;
	readonly contactId?: string;
}

export type RecipientsResult =
	| { readonly ok: true; readonly recipients: readonly Addressed[] }
	| { readonly ok: false; readonly problem: string };

/** The moments and people that a recipient depends on. */
export interface RecipientFacts {
	readonly people: AddressBook | undefined;
	readonly now: number;
	/** True where the send is due later than it is accepted. */
	readonly isLater: boolean;
}

/**
 * The recipients of a send on a connection: an address, or those of the contacts that it names. Each is an address that
 * the connection takes; several only where several are on call.
 */
export function recipientsFor(
	recipient: SendRequest['recipient'],
	entry: CatalogEntry,
	facts: RecipientFacts,
): RecipientsResult {
	const { channel, connection } = entry;
	const given = givenFor(recipient, entry);
	const reference = given === undefined ? undefined : referenceIn(given);
	if (reference) {
		const named = contactsOf(reference, facts);
		if (!named.ok) return named;
		const found = addressesOf(named.contacts, entry);
		// One name for all channels counts only where it means something, as one address for all channels does.
		const isForAll = typeof recipient !== 'object' && connection.isFixed === true;
		if (found.ok || !isForAll) return found;
		return own(entry);
	}
	if (given === undefined || (typeof recipient !== 'object' && connection.isFixed)) {
		return own(entry);
	}
	const refused = connection.refuseRecipient(given);
	if (!refused) return { ok: true, recipients: [{ recipient: given }] };
	const owners = ownersOf(given, facts.people);
	const [owner] = owners;
	if (!owner) return refuse(`${refused} (for ${channel})`);
	if (owners.length === 1) return addressesOf(owners, entry);
	const names = owners.map(({ id }) => `contact:${id}`).join(', ');
	return refuse(`${refused} (for ${channel}), and it is an address of several contacts: ${names}`);
}

/** The text that a request gives for a connection. */
function givenFor(
	recipient: SendRequest['recipient'],
	{ channel, name }: CatalogEntry,
): string | undefined {
	if (typeof recipient !== 'object') return recipient;
	return [`${channel}:${name}`, channel]
		.filter((key) => Object.hasOwn(recipient, key))
		.map((key) => recipient[key])
		.at(0);
}

/** The connection's own recipient. A fixed connection, such as a Slack webhook, is an address itself. */
function own({ channel, connection }: CatalogEntry): RecipientsResult {
	const recipient = connection.defaultRecipient;
	if (recipient === undefined) return refuse(`${channel} needs a recipient address`);
	const refused = connection.refuseRecipient(recipient);
	return refused
		? refuse(`${refused} (for ${channel})`)
		: { ok: true, recipients: [{ recipient }] };
}

/** True where a recipient names a contact or an on-call, so that its addresses are not known without the address book. */
export function namesPeople(recipient: SendRequest['recipient']): boolean {
	const texts = typeof recipient === 'object' ? Object.values(recipient) : [recipient ?? ''];
	return texts.some((text) => referenceIn(text) !== undefined);
}

interface Reference {
	readonly kind: 'contact' | 'on_call';
	readonly name: string;
}

/** The reference in `contact:ID` or `on_call:NAME`; undefined for an address. */
function referenceIn(text: string): Reference | undefined {
	const [, kind, name = ''] = /^(contact|on_call):(.*)$/s.exec(text) ?? [];
	return kind === 'contact' || kind === 'on_call' ? { kind, name } : undefined;
}

type ContactsResult =
	| { readonly ok: true; readonly contacts: readonly Addressee[] }
	| { readonly ok: false; readonly problem: string };

function contactsOf(
	{ kind, name }: Reference,
	{ people, now, isLater }: RecipientFacts,
): ContactsResult {
	if (!people)
		return refuse(`${kind}:${name} needs a runner, which keeps contacts; give an address`);
	if (kind === 'contact') {
		const contact = people.contact(name);
		return contact ? { ok: true, contacts: [contact] } : refuse(`there is no contact ${name}`);
	}
	const duty = people.duty(name, now);
	if (!duty) return refuse(`there is no on-call ${name}`);
	if (isLater) {
		return refuse(
			`on_call:${name} cannot be sent later, as somebody else may be on call then; leave out send_at, or name a contact`,
		);
	}
	const contacts = duty.who.flatMap((id) => people.contact(id) ?? []);
	if (contacts.length > 0) return { ok: true, contacts };
	return refuse(`nobody is on call in ${name}${duty.nobody ? `: ${duty.nobody}` : ''}`);
}

/** The addresses that these contacts have for a connection; those without one are left out while another has one. */
function addressesOf(contacts: readonly Addressee[], entry: CatalogEntry): RecipientsResult {
	const { channel, connection } = entry;
	const recipients = contacts.flatMap((contact): Addressed[] => {
		const recipient = addressFor(contact, entry);
		return recipient === undefined ? [] : [{ recipient, contactId: contact.id }];
	});
	if (recipients.length === 0) {
		const names = contacts.map(({ id }) => id).join(', ');
		return refuse(`contact ${names} has no address for ${channel}`);
	}
	for (const { recipient, contactId } of recipients) {
		const refused = connection.refuseRecipient(recipient);
		if (refused) return refuse(`the address of contact ${contactId} ${refused} (for ${channel})`);
	}
	return { ok: true, recipients };
}

const ownersOf = (address: string, people: AddressBook | undefined): readonly Addressee[] =>
	(people?.contacts ?? []).filter(({ addresses }) =>
		addresses.some((one) => one.address === address),
	);

const refuse = (problem: string): { readonly ok: false; readonly problem: string } => ({
	ok: false,
	problem,
});
