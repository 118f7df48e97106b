import { type About, aboutOf, EXCERPT_POINTS, type Source } from '@sureping/engine';
import { fromJson, optionalText, type Row } from './columns.ts';

/**
 * What an event `e` is about is kept once, with its notification `n`, and joined when the event is read: a notification
 * has several events, and most of them are read once or never. Both databases know `substr`.
 */
export const ABOUT_COLUMNS = `n.subject AS about_subject,
	substr(n.message, 1, ${EXCERPT_POINTS}) AS about_message, n.source AS about_source`;

/** Of the columns above, those that make an event large. */
export const ABOUT_MESSAGE = 'about_message';

/** What events repeat of the text of their notification. */
export interface AboutRules {
	readonly includeMessage: boolean;
}

export const TELLS_ALL: AboutRules = { includeMessage: true };

/** A row with the `body` of its event and, where it is about a notification, the columns that say what that is about. */
export function toEvent<Event>(row: Row, rules: AboutRules): Event {
	const event = fromJson<Event>(row.body);
	// What is JSON but no event stays what it is, so that the fault shows where it is used.
	return typeof event === 'object' && event ? withAbout(event, readAbout(row), rules) : event;
}

/** The event with what its notification is about. */
export function withAbout<Event>(event: Event, about: About, rules: AboutRules): Event {
	return { ...event, ...aboutOf(about, rules) };
}

/** About how many bytes an event of such a row has. */
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
