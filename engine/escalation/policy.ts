import { z } from 'zod/v4';
import { entryNameSchema } from './names.ts';
import { notifySchema } from './notify-target.ts';

const LONGEST_STEP_S = 604_800;
const LONGEST_TIMEOUT_S = 30 * 24 * 3600;

/** Conditions on the deliveries of earlier steps, judged when a step is due; where one is false the step is skipped. */
export const STEP_CONDITIONS = {
	not_acknowledged: 'always, as an answer ends the policy',
	failed: 'all deliveries so far failed',
	not_delivered: 'none is delivered',
	not_opened: 'none was opened or read',
} as const;
export type StepCondition = keyof typeof STEP_CONDITIONS;

export const URGENCIES = ['default', 'important'] as const;
export type Urgency = (typeof URGENCIES)[number];

const notifyList = z.array(notifySchema).min(1, 'must name somebody to notify').max(20);

const stepSchema = z.strictObject({
	after_s: z
		.number()
		.min(0)
		.max(LONGEST_STEP_S)
		.meta({
			description:
				'Seconds after the start of the step before; of the first step, after the incident opened.',
			examples: [0],
		}),
	when: z
		.enum(['not_acknowledged', 'failed', 'not_delivered', 'not_opened'])
		.default('not_acknowledged')
		.describe(
			'Condition on the deliveries of earlier steps; where it is false the step is skipped.',
		),
	notify: notifyList.meta({
		description:
			'Parties that the step pages: `contact:ID`, `on_call:NAME`, or a channel such as `slack:ops`.',
		examples: [['on_call:primary']],
	}),
	ack: z
		.enum(['first', 'all'])
		.default('first')
		.describe(
			'`all`: the incident is acknowledged when every contact whom the step paged has answered.',
		),
	urgency: z
		.enum(URGENCIES)
		.default('default')
		.describe("Set of a contact's rules that applies. Quiet hours do not hold `important` pages."),
});
export type Step = z.infer<typeof stepSchema>;

const policyFields = {
	steps: z
		.array(stepSchema)
		.min(1, 'must have at least one step')
		.max(50)
		.describe('Steps, in the order in which they start until somebody answers.'),
	repeat: z.int().min(0).max(9).default(0).describe('Repeats of all steps after the last.'),
	repeat_after_s: z
		.number()
		.min(1)
		.max(LONGEST_STEP_S)
		.default(300)
		.describe('Seconds from the start of the last step to the next round.'),
	ack_timeout_s: z
		.number()
		.min(1)
		.max(LONGEST_TIMEOUT_S)
		.optional()
		.meta({
			description:
				'Seconds after which an acknowledged incident opens again at step 1, unless it was resolved. Default: never.',
			examples: [3600],
		}),
	resolve_after_s: z
		.number()
		.min(1)
		.max(LONGEST_TIMEOUT_S)
		.optional()
		.meta({
			description:
				'Seconds after its opening at which an incident resolves by itself. Default: never.',
			examples: [86_400],
		}),
	on_exhausted: z
		.strictObject({
			notify: notifyList.meta({
				description: 'Parties to tell, as in a step.',
				examples: [['console:ops']],
			}),
		})
		.optional()
		.describe(
			'Parties that are told when nobody has answered. Default: nobody; `escalation.exhausted` is in the feed all the same.',
		),
};

/** A policy without its name, as a send can hold one. */
export const policyBodySchema = z.strictObject(policyFields);
/** An escalation policy: who is paged, when, until somebody answers. */
export const policySchema = z.strictObject({
	name: entryNameSchema.meta({
		description: 'Name of the policy. A send names it as `escalation`.',
		examples: ['critical'],
	}),
	...policyFields,
});
export type PolicyBody = z.infer<typeof policyBodySchema>;
export type Policy = z.infer<typeof policySchema>;

/** Everybody whom a policy names, as it names them: `contact:ID`, `on_call:NAME` or a channel. */
export function partiesOf({ steps, on_exhausted: onExhausted }: PolicyBody): readonly string[] {
	return [...steps.flatMap(({ notify }) => notify), ...(onExhausted?.notify ?? [])];
}
