import { isProviderId, type ProviderId, PROVIDERS, SIGNATURE_INPUTS } from '@sureping/engine';
import { z } from 'zod/v4';
import { didYouMean } from '../../words/index.ts';
import { genericRulesSchema } from './generic-provider.ts';
import { nameSchema } from './names.ts';

const KNOWN_PROVIDERS = Object.keys(PROVIDERS);

const providerSchema = z
	.string()
	.transform((text, context): ProviderId => {
		if (isProviderId(text)) return text;
		const known = KNOWN_PROVIDERS.join(', ');
		const meant = didYouMean(text, KNOWN_PROVIDERS);
		context.addIssue(`is not a provider; one of: ${known}${meant}`);
		return z.NEVER;
	})
	.meta({
		description: 'Provider whose webhooks arrive here, by its id.',
		enum: KNOWN_PROVIDERS,
		examples: ['twilio'],
	});

const secretSchema = z.string().min(1, 'must not be empty');
const LONGEST_WAIT_S = 30 * 24 * 3600;

export const inboundSchema = z.strictObject({
	connection: nameSchema.meta({
		description:
			'A connection of this config, whose delivery reports these are, or a name of your own.',
		examples: ['phone'],
	}),
	provider: providerSchema,
	secret: secretSchema.optional().meta({
		description: 'Secret that verifies the webhooks. Default: none; give either this or `secrets`.',
		examples: ['${TWILIO_TOKEN}'],
	}),
	secrets: z
		.array(secretSchema)
		.min(1)
		.optional()
		.meta({
			description:
				'Several secrets, each of them valid, while one replaces another. Default: none; give either this or `secret`.',
			examples: [['${NEW_TOKEN}', '${OLD_TOKEN}']],
		}),
	verify_token: z
		.string()
		.min(1)
		.optional()
		.meta({
			description: 'Token that Meta repeats when the WhatsApp webhook is set up. Default: none.',
			examples: ['${VERIFY_TOKEN}'],
		}),
	tolerance_s: z.number().min(0).max(86_400).optional().meta({
		description: 'Seconds by which the timestamp of a webhook may differ from the clock.',
		default: 300,
	}),
	signature_input: z.enum(SIGNATURE_INPUTS).optional().meta({
		description: 'Bytes that the signature covers, for `one-ping`.',
		default: 'timestamped',
	}),
	generic: genericRulesSchema
		.optional()
		.describe(
			'Signature and payload of a provider that is not built in. Default: none; needed for the provider `generic` alone.',
		),
	forward: z
		.boolean()
		.optional()
		.meta({
			description:
				'Turns a report on a message that was not sent from here into an event. Default: true for a name of your own, false for a connection.',
			examples: [true],
		}),
	report_timeout_s: z.number().positive().max(LONGEST_WAIT_S).optional().meta({
		description: 'Seconds that a message of the connection waits for its report.',
		default: 86_400,
	}),
	unreported: z.enum(['delivered', 'failed']).optional().meta({
		description: 'Outcome of a message whose report did not come in time.',
		default: 'delivered',
	}),
});
export type InboundSettings = z.infer<typeof inboundSchema>;
