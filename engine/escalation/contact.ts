import { z } from 'zod/v4';
import { clockTimeSchema, WEEKDAYS } from './clock-time.ts';
import { entryNameSchema } from './names.ts';

const MOST_ADDRESSES = 20;
const MOST_RULES = 20;
const DAY_S = 24 * 3600;

const channelName = z
	.string()
	.regex(/^[a-z][a-z0-9_]*$/, 'must be a channel such as "telegram"')
	.max(64);

const addressSchema = z.strictObject({
	channel: channelName,
	/** Only sends through this connection use the address; without it, all connections of the channel do. */
	connection: entryNameSchema.optional(),
	address: z.string().min(1).max(512),
});

const ruleSchema = z.strictObject({
	channel: channelName,
	/** Seconds after the start of the step. */
	after_s: z.number().min(0).max(DAY_S),
});

export const quietHoursSchema = z.strictObject({
	/** Days on which the period begins; all of them by default. */
	days: z
		.array(z.enum(WEEKDAYS))
		.min(1)
		.max(7)
		.default([...WEEKDAYS]),
	from: clockTimeSchema,
	/** At or before `from`, it is on the next day. */
	to: clockTimeSchema,
	/** `hold`: messages go out when the period ends. `skip`: they are not sent. */
	do: z.enum(['hold', 'skip']).default('hold'),
});
export type QuietHours = z.infer<typeof quietHoursSchema>;

const contactFields = {
	name: z.string().regex(/\S/, 'must not be empty').max(255),
	addresses: z.array(addressSchema).min(1, 'must have at least one address').max(MOST_ADDRESSES),
	/**
	 * How a step pages the contact, by the step's urgency. Without rules, `important` uses all addresses at once and
	 * `default` the first.
	 */
	rules: z
		.strictObject({
			default: z.array(ruleSchema).min(1).max(MOST_RULES).optional(),
			important: z.array(ruleSchema).min(1).max(MOST_RULES).optional(),
		})
		.optional(),
	/** BCP 47, such as `de`. */
	language: z
		.string()
		.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'must be a language such as "de"')
		.max(35)
		.optional(),
	/** IANA name; UTC by default. */
	time_zone: z.string().min(1).max(64).optional(),
	quiet_hours: z.array(quietHoursSchema).min(1).max(14).optional(),
};

/** A contact without its id, as it is created and changed. */
export const contactBodySchema = z.strictObject(contactFields);
/** A person who is paged. */
export const contactSchema = z.strictObject({ id: entryNameSchema, ...contactFields });
export type Contact = z.infer<typeof contactSchema>;
