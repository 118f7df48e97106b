import type { ButtonAnswer, Contact, IncidentAnswer } from '@sureping/engine';

/**
 * The party behind a press of a button: the contact whose address is the person's, else the one contact whose address is the
 * chat, with the person's name as a note, else the person by name. Anybody can take a contact's id for a name on Telegram, so the name is
 * written in a form that no id has.
 */
export function whoAnswered(
	{ chats, person }: ButtonAnswer,
	channel: string,
	contacts: readonly Contact[],
): Pick<IncidentAnswer, 'by' | 'note'> {
	const [itself] = having(person.addresses, channel, contacts);
	if (itself) return { by: itself.id };
	const [owner, ...others] = having(chats, channel, contacts);
	return owner && others.length === 0
		? { by: owner.id, note: `pressed by ${person.name}` }
		: { by: `${person.name} (Telegram)` };
}

/** Telegram's public names are the same in any case. */
function having(
	addresses: readonly string[],
	reference: string,
	contacts: readonly Contact[],
): readonly Contact[] {
	const wanted = new Set(addresses.map((one) => one.toLowerCase()));
	return contacts.filter((contact) =>
		contact.addresses.some(
			({ channel, connection, address }) =>
				(connection === undefined
					? reference.startsWith(`${channel}:`)
					: reference === `${channel}:${connection}`) && wanted.has(address.toLowerCase()),
		),
	);
}
