import type { INodePropertyOptions } from 'n8n-workflow';
import { isOverallType } from '../../engine/event.ts';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';

/** `notification.failed` is shown as "Failed", `escalation.step_started` as "Escalation Step Started". */
function eventOptions(types: readonly (readonly [string, string])[]): INodePropertyOptions[] {
	return types.map(([value, description]) => {
		const words = value.replace(/^notification\./, '').replaceAll(/[._]/g, ' ');
		return {
			name: words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
			value,
			description,
		};
	});
}

/** Events of any provider, each about one delivery. */
export const DELIVERY_EVENTS = eventOptions(
	Object.entries(RECEIVED_TYPES).filter(([type]) => !isOverallType(type)),
);

/** The event to page someone for: published once, when no channel is left that could still deliver. */
export const UNDELIVERED = 'notification.undelivered';

/** Events of a runner: first about a notification as a whole, then about its deliveries, then about other subjects. */
export const RUNNER_EVENTS: readonly INodePropertyOptions[] = [
	{
		name: 'Not Delivered',
		value: UNDELIVERED,
		description: 'Every channel and every fallback failed. Happens once per notification.',
	},
	...DELIVERY_EVENTS.map((option) =>
		option.value === 'notification.failed'
			? {
					...option,
					name: 'A Channel Failed',
					description:
						'A channel failed after its last attempt. A fallback may still deliver the notification.',
				}
			: option,
	),
	...eventOptions(
		Object.entries(RECEIVED_TYPES).filter(([type]) => isOverallType(type) && type !== UNDELIVERED),
	),
];
