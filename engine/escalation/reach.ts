import type { Contact } from './contact.ts';
import type { Urgency } from './policy.ts';

/** A time and the channels on which a contact is paged then. */
export interface Reach {
	/** Milliseconds after the start of the step. */
	readonly afterMs: number;
	readonly channels: readonly string[];
}

/**
 * When and where a step of this urgency pages a contact. Without rules for it, an important step uses all addresses at once
 * and another one the first.
 */
export function reachOf(contact: Contact, urgency: Urgency): readonly Reach[] {
	const rules = contact.rules?.[urgency];
	if (!rules) {
		const { addresses } = contact;
		const channels = addresses.map(({ channel }) => channel);
		const [first] = channels;
		const used = urgency === 'important' || first === undefined ? channels : [first];
		return [{ afterMs: 0, channels: [...new Set(used)] }];
	}
	const byTime = new Map<number, string[]>();
	for (const { channel, after_s: afterS } of rules) {
		const afterMs = Math.round(afterS * 1000);
		byTime.set(afterMs, [...(byTime.get(afterMs) ?? []), channel]);
	}
	return [...byTime]
		.sort(([a], [b]) => a - b)
		.map(([afterMs, channels]) => ({ afterMs, channels: [...new Set(channels)] }));
}

/** The connections and addresses of a contact on these channels: of each the first. */
export function addressesOf(
	{ addresses }: Contact,
	channels: readonly string[],
): readonly { readonly reference: string; readonly address: string }[] {
	return channels.flatMap((channel) => {
		const found = addresses.find((one) => one.channel === channel);
		if (!found) return [];
		const { connection, address } = found;
		return [
			{ reference: connection === undefined ? channel : `${channel}:${connection}`, address },
		];
	});
}
