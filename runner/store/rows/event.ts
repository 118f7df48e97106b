import { type About, aboutOf, EXCERPT_POINTS, type Source } from '@sureping/engine';
import { fromJson, optionalText, type Row } from './columns.ts';

/**
 * Columns of the notification `n` that an event `e` is about. The text is stored once, with the notification, and joined
 * when an event is read: a notification has several events, and most are read once or never.
 */
export const ABOUT_COLUMNS = `n.subject AS about_subject,
	substr(n.message, 1, ${EXCERPT_POINTS}) AS about_message, n.source AS about_source`;

/** The column above that may make an event large. */
export const ABOUT_MESSAGE = 'about_message';

/** The parts of a notification's text that its events repeat. */
export interface AboutRules {
	readonly includeMessage: boolean;
}

export const TELLS_ALL: AboutRules = { includeMessage: true };

/** Reads an event from a row with its `body` and the `ABOUT_COLUMNS`. */
export function toEvent<Event>(row: Row, rules: AboutRules): Event {
	const event = fromJson<Event>(row.body);
	// JSON that is not an event stays as it is, so that the fault shows where it is used.
	return typeof event === 'object' && event ? withAbout(event, readAbout(row), rules) : event;
}

/** The event with the text and source of its notification. */
export function withAbout<Event>(event: Event, about: About, rules: AboutRules): Event {
	return { ...event, ...aboutOf(about, rules) };
}

/** The approximate size of the event of such a row, in bytes. */
export function bytesOf({ body, about_message: message }: Row): number {
	return Buffer.byteLength(String(body)) + Buffer.byteLength(optionalText(message) ?? '');
}

function readAbout({ about_subject, about_message, about_source }: Row): About {
	const source = optionalText(about_source);
	return {
		subject: optionalText(about_subject),
		message: optionalText(about_message),
		source: source === undefined ? undefined : fromJson<Source>(source),
	};
}
