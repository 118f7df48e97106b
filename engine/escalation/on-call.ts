import { z } from 'zod/v4';
import { clockTimeSchema, WEEKDAYS } from './clock-time.ts';
import { entryNameSchema } from './names.ts';

const HANDOVER = new RegExp(`^(?:(?:${WEEKDAYS.join('|')}) )?(?:[01]\\d|2[0-3]):[0-5]\\d$`);

/** Days and hours in which somebody is on call; outside of them nobody is. */
export const windowSchema = z.strictObject({
	days: z
		.array(z.enum(WEEKDAYS))
		.min(1)
		.max(7)
		.default([...WEEKDAYS]),
	from: clockTimeSchema,
	/** At or before `from`, it is on the next day. */
	to: clockTimeSchema,
});
export type Window = z.infer<typeof windowSchema>;

export const overrideSchema = z
	.strictObject({
		/** The id of the contact who is on call instead. */
		who: entryNameSchema,
		from: z.iso.datetime({ offset: true }),
		to: z.iso.datetime({ offset: true }),
	})
	.refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
		path: ['to'],
		error: 'must be later than from',
	});
export type Override = z.infer<typeof overrideSchema>;

const onCallFields = {
	/** Ids of contacts, in the order of their turns. With `ical_url`, the contacts that its events may name. */
	members: z.array(entryNameSchema).max(100).default([]),
	/** Length of a turn. */
	every: z.enum(['day', 'week']).default('week'),
	/** Local time at which turns change. By default `Mon 09:00`, and `09:00` for daily turns. */
	handover: z
		.string()
		.regex(HANDOVER, 'must be a time such as "Mon 09:00", or "09:00" with every: day')
		.optional(),
	/** IANA name. */
	time_zone: z.string().min(1).max(64).default('UTC'),
	/** The date of the first member's turn: it began at the handover on or before it. */
	start: z.iso.date().default('2024-01-01'),
	window: windowSchema.optional(),
	/** A calendar whose events say who is on call: their summary is a contact's id or name. */
	ical_url: z.url('must be an absolute URL').max(2048).optional(),
	overrides: z.array(overrideSchema).max(1000).default([]),
};

/** An on-call without its name, as it is changed. */
export const onCallBodySchema = z.strictObject(onCallFields);
/** A rotation of contacts, or a calendar of them. */
export const onCallSchema = z
	.strictObject({ name: entryNameSchema, ...onCallFields })
	.refine(({ members, ical_url: url }) => members.length > 0 || url !== undefined, {
		path: ['members'],
		error: 'must name at least one contact, or ical_url a calendar',
	});
export type OnCall = z.infer<typeof onCallSchema>;

/** A time in which a contact is on call, from an override or a calendar. Milliseconds since 1970. */
export interface Shift {
	/** The id of a contact. */
	readonly who: string;
	readonly from: number;
	readonly to: number;
}
