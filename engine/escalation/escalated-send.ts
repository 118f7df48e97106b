import { z } from 'zod/v4';
import { sendRequestSchema } from '../notification.ts';
import { entryNameSchema } from './names.ts';
import { policyBodySchema } from './policy.ts';

const { fallback_channels: _none, ...sendFields } = sendRequestSchema.shape;

/** The body of `POST /send` with an escalation policy. */
export const escalatedSendSchema = z.strictObject({
	...sendFields,
	/** A step at once, before the policy's first. */
	channels: sendRequestSchema.shape.channels.optional(),
	/** A policy's name, or a policy. */
	escalation: z.union([entryNameSchema, policyBodySchema], {
		error: 'must be the name of a policy, or an object with its steps',
	}),
	/** One incident with this key is open at a time; further sends with it are added to that one. */
	dedup_key: z.string().min(1).max(255).optional(),
	/** Steps take the place of fallbacks. */
	fallback_channels: z
		.undefined('cannot be used with escalation; add a step with when: failed')
		.optional(),
});
export type EscalatedSend = z.infer<typeof escalatedSendSchema>;

/** The body of `POST /send`, of both kinds, to describe it. */
export const anySendSchema = z.union([sendRequestSchema, escalatedSendSchema]);

/** True for a body that asks for an escalation. */
export function isEscalated(body: unknown): boolean {
	return typeof body === 'object' && body !== null && Object.hasOwn(body, 'escalation');
}
