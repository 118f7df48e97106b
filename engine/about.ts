import { z } from 'zod/v4';
import { firstCharacters, pointsFor } from './graphemes.ts';

const MOST_URL = 2048;
const text = z.string().max(255);
const url = z
	.url({ protocol: /^https?$/, error: 'must be an absolute URL with http or https' })
	.max(MOST_URL);

const sourceFields = {
	/** Such as `n8n`. */
	system: z.string().max(64).optional(),
	workflow_id: text.optional(),
	workflow_name: text.optional(),
	execution_id: text.optional(),
	/** A page that shows it to a person. */
	url: url.optional(),
};

/** The origin of a send, as its caller states it. Its URL is shown to everyone who gets the events, so it has no password. */
export const sourceSchema = z.strictObject({
	...sourceFields,
	url: url.refine(hasNoLogin, 'must not hold a user name or password').optional(),
});
export type Source = Readonly<z.infer<typeof sourceSchema>>;

function hasNoLogin(text: string): boolean {
	// Its own mistake, which is reported already.
	if (!URL.canParse(text)) return true;
	const { username, password } = new URL(text);
	return username === '' && password === '';
}

/** Fields of every event of a runner's own: the subject, the message and the source of the notification. */
export const aboutFields = {
	subject: z.string().optional(),
	/** The first characters of the message: see `MESSAGE_CHARACTERS`. */
	message: z.string().optional(),
	source: z.looseObject(sourceFields).optional(),
};

/** As `aboutFields` describes it. */
export interface About {
	readonly subject?: string | undefined;
	readonly message?: string | undefined;
	readonly source?: Source | undefined;
}

/** The part of a message that its events repeat. */
export const MESSAGE_CHARACTERS = 280;
/** Code points of a message that an event's excerpt may come from. */
export const EXCERPT_POINTS = pointsFor(MESSAGE_CHARACTERS);

/**
 * The fields that describe a notification in its events. The text is an excerpt, or left out if the setting says so.
 */
export function aboutOf(
	{ subject, message, source }: About,
	{ includeMessage = true }: { readonly includeMessage?: boolean } = {},
): About {
	const isTold = includeMessage && message !== undefined;
	return {
		...(includeMessage && subject !== undefined ? { subject } : {}),
		...(isTold ? { message: firstCharacters(message, MESSAGE_CHARACTERS) } : {}),
		...(source === undefined ? {} : { source }),
	};
}

/** The event without the fields that describe its notification, for formats that do not have them. */
export function withoutAbout<T extends object>(event: T): T {
	if (!('message' in event || 'subject' in event || 'source' in event)) return event;
	const { subject: _subject, message: _message, source: _source, ...rest } = event as T & About;
	// All three are optional.
	return rest as unknown as T;
}
