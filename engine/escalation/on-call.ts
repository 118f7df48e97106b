import { z } from 'zod/v4';
import { clockTimeSchema, WEEKDAYS } from './clock-time.ts';
import { entryNameSchema } from './names.ts';

const HANDOVER = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(?:[01]\d|2[0-3]):[0-5]\d$/;

const DEFAULT_HANDOVER = { day: '09:00', week: 'Mon 09:00' } as const;

/** Days and hours in which somebody is on call; outside of them nobody is. */
export const windowSchema = z.strictObject({
	days: z
		.array(z.enum(WEEKDAYS))
		.min(1)
		.max(7)
		.default([...WEEKDAYS])
		.describe('Days on which the window begins.'),
	from: clockTimeSchema.meta({ description: 'Beginning of the window.', examples: ['08:00'] }),
	to: clockTimeSchema.meta({
		description: 'End of the window. At or before `from`, it is on the next day.',
		examples: ['20:00'],
	}),
});
export type Window = z.infer<typeof windowSchema>;

export const overrideSchema = z
	.strictObject({
		who: entryNameSchema.meta({
			description: 'Id of the contact who is on call instead.',
			examples: ['anna'],
		}),
		from: z.iso.datetime({ offset: true }).meta({
			description: 'Beginning, as an ISO 8601 time with its offset.',
			examples: ['2030-12-24T12:00:00+01:00'],
		}),
		to: z.iso.datetime({ offset: true }).meta({
			description: 'End, later than `from`.',
			examples: ['2030-12-27T09:00:00+01:00'],
		}),
	})
	// A time that cannot be read is a mistake of its own.
	.refine(({ from, to }) => !(Date.parse(from) >= Date.parse(to)), {
		path: ['to'],
		error: 'must be later than from',
	});
export type Override = z.infer<typeof overrideSchema>;

const onCallFields = {
	members: z
		.array(entryNameSchema)
		.max(100)
		.default([])
		.meta({
			description:
				'Ids of contacts, in the order of their turns. With `ical_url`, the contacts that its events may name.',
			examples: [['anna']],
		}),
	every: z.enum(['day', 'week']).default('week').describe('Length of a turn.'),
	handover: z
		.string()
		.regex(HANDOVER, 'must be a time such as "Mon 09:00", or "09:00" with every: day')
		.optional()
		.meta({
			description:
				'Local time at which turns change. Default: `Mon 09:00`, and `09:00` for daily turns.',
			examples: ['Mon 09:00'],
		}),
	time_zone: z
		.string()
		.min(1)
		.max(64)
		.default('UTC')
		.describe('Time zone of `handover` and `window`, by its IANA name.'),
	start: z.iso
		.date()
		.default('2024-01-01')
		.describe("Date of the first member's turn: it began at the handover on or before it."),
	window: windowSchema
		.optional()
		.describe(
			'Days and hours in which somebody is on call; outside of them nobody is. Default: always.',
		),
	ical_url: z
		.url('must be an absolute URL')
		.max(2048)
		.optional()
		.meta({
			description:
				"URL of a calendar whose events say who is on call: their summary is a contact's id or name. Default: none; the members take turns.",
			examples: ['https://calendar.example.com/on-call.ics'],
		}),
	overrides: z
		.array(overrideSchema)
		.max(1000)
		.default([])
		.describe('Times in which another contact is on call.'),
};

/** An on-call without its name, as it is changed. */
export const onCallBodySchema = z.strictObject(onCallFields);
/** A rotation of contacts, or a calendar of them. */
export const onCallSchema = z
	.strictObject({
		name: entryNameSchema.meta({
			description: 'Name of the on-call. Policies and sends name it as `on_call:NAME`.',
			examples: ['primary'],
		}),
		...onCallFields,
	})
	.refine(({ members, ical_url: url }) => members.length > 0 || url !== undefined, {
		path: ['members'],
		error: 'must name at least one contact, or ical_url a calendar',
	})
	.overwrite((onCall) => ({
		...onCall,
		handover: onCall.handover ?? DEFAULT_HANDOVER[onCall.every],
	}));
export type OnCall = z.infer<typeof onCallSchema>;

/** A time in which a contact is on call, from an override or a calendar. Milliseconds since 1970. */
export interface Shift {
	/** The id of a contact. */
	readonly who: string;
	readonly from: number;
	readonly to: number;
}
