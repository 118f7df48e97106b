import type { INodePropertyOptions } from 'n8n-workflow';
import { isOverallType } from '../../engine/event.ts';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';

/** `notification.failed` is shown as "Failed". */
function eventOptions(types: readonly (readonly [string, string])[]): INodePropertyOptions[] {
	return types.map(([value, description]) => {
		const words = value.slice(value.lastIndexOf('.') + 1).replaceAll('_', ' ');
		return {
			name: words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
			value,
			description,
		};
	});
}

/** Events that any provider may report, each about one delivery. */
export const DELIVERY_EVENTS = eventOptions(
	Object.entries(RECEIVED_TYPES).filter(([type]) => !isOverallType(type)),
);

/** The event to page somebody for: sent once, when no delivery is left to try. */
export const UNDELIVERED = 'notification.undelivered';

/** Events of a runner: first those about a notification as a whole, then those about deliveries. */
export const RUNNER_EVENTS: readonly INodePropertyOptions[] = [
	{
		name: 'Not Delivered',
		value: UNDELIVERED,
		description: 'Every channel and every fallback failed. Told once for a notification.',
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
