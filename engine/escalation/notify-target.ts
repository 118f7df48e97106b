import { z } from 'zod/v4';
import { channelTargetSchema } from '../notification.ts';
import { entryNameSchema } from './names.ts';

/** A party that a step pages: a contact, the members of an on-call who are on duty, or a channel. */
export type NotifyTarget =
	| { readonly kind: 'contact'; readonly id: string }
	| { readonly kind: 'on_call'; readonly name: string }
	/** `channel` or `channel:connection`. */
	| { readonly kind: 'channel'; readonly reference: string };

/** The target that a text names: `contact:ID`, `on_call:NAME`, else a channel. */
export function notifyTarget(text: string): NotifyTarget {
	const [prefix, rest = ''] = splitOnce(text);
	if (prefix === 'contact') return { kind: 'contact', id: rest };
	if (prefix === 'on_call') return { kind: 'on_call', name: rest };
	return { kind: 'channel', reference: text };
}

function splitOnce(text: string): readonly [string, string | undefined] {
	const at = text.indexOf(':');
	return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `contact:ID`, `on_call:NAME` or `channel[:connection]`. */
export const notifySchema = z
	.string()
	.max(160)
	.superRefine((text, context) => {
		const [prefix, rest = ''] = splitOnce(text);
		const schema = prefix === 'contact' || prefix === 'on_call' ? entryNameSchema : undefined;
		const read = schema ? schema.safeParse(rest) : channelTargetSchema.safeParse(text);
		if (read.success) return;
		context.addIssue(
			'must be "contact:ID", "on_call:NAME", or a channel such as "slack" or "slack:ops-slack"',
		);
	});
