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
	channel: channelName.meta({
		description: 'Channel of the address.',
		examples: ['console'],
	}),
	connection: entryNameSchema.optional().meta({
		description:
			'Only sends through this connection use the address. Default: all connections of the channel.',
		examples: ['ops'],
	}),
	address: z
		.string()
		.min(1)
		.max(512)
		.meta({
			description: 'Address, in the form that the channel takes as a recipient.',
			examples: ['anna'],
		}),
});

const ruleSchema = z.strictObject({
	channel: channelName.meta({
		description: 'Channel of one of the addresses.',
		examples: ['console'],
	}),
	after_s: z
		.number()
		.min(0)
		.max(DAY_S)
		.meta({ description: 'Seconds after the start of the step.', examples: [0] }),
});

export const quietHoursSchema = z.strictObject({
	days: z
		.array(z.enum(WEEKDAYS))
		.min(1)
		.max(7)
		.default([...WEEKDAYS])
		.describe('Days on which the period begins.'),
	from: clockTimeSchema.meta({
		description: "Beginning of the period, in the contact's time zone.",
		examples: ['22:00'],
	}),
	to: clockTimeSchema.meta({
		description: 'End of the period. At or before `from`, it is on the next day.',
		examples: ['07:00'],
	}),
	do: z
		.enum(['hold', 'skip'])
		.default('hold')
		.describe('`hold`: messages go out when the period ends. `skip`: they are not sent.'),
});
export type QuietHours = z.infer<typeof quietHoursSchema>;

const rulesOf = (urgency: string, fallback: string) =>
	z
		.array(ruleSchema)
		.min(1)
		.max(MOST_RULES)
		.optional()
		.describe(`Pages of a step with \`urgency: ${urgency}\`. Default: ${fallback}.`);

const contactFields = {
	name: z
		.string()
		.regex(/\S/, 'must not be empty')
		.max(255)
		.meta({ description: 'Name, as pages and answers show it.', examples: ['Anna Berg'] }),
	addresses: z
		.array(addressSchema)
		.min(1, 'must have at least one address')
		.max(MOST_ADDRESSES)
		.describe('Addresses, the preferred one first.'),
	rules: z
		.strictObject({
			default: rulesOf('default', 'the first address, at once'),
			important: rulesOf('important', 'all addresses, at once'),
		})
		.optional()
		.describe(
			"Ways in which a policy's step pages the contact, by the urgency of the step. Default: the first address, or all of them where the step is important.",
		),
	language: z
		.string()
		.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'must be a language such as "de"')
		.max(35)
		.optional()
		.meta({
			description: 'Language as a BCP 47 tag, such as `de`. Default: none.',
			examples: ['de'],
		}),
	time_zone: z
		.string()
		.min(1)
		.max(64)
		.optional()
		.meta({
			description: 'Time zone of the quiet hours, by its IANA name. Default: `UTC`.',
			examples: ['Europe/Berlin'],
		}),
	quiet_hours: z
		.array(quietHoursSchema)
		.min(1)
		.max(14)
		.optional()
		.describe(
			'Periods in which only critical sends and important pages reach the contact. Default: none.',
		),
};

/** A contact without its id, as it is created and changed. */
export const contactBodySchema = z.strictObject(contactFields);
/** A person who is paged. */
export const contactSchema = z.strictObject({
	id: entryNameSchema.meta({
		description: 'Id of the contact. A send names it as `contact:ID`.',
		examples: ['anna'],
	}),
	...contactFields,
});
export type Contact = z.infer<typeof contactSchema>;
