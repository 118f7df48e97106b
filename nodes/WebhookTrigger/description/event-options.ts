import type { INodePropertyOptions } from 'n8n-workflow';

/** `notification.failed` is shown as "Failed". */
export function eventOptions(
	types: readonly (readonly [string, string])[],
): INodePropertyOptions[] {
	return types.map(([value, description]) => {
		const word = value.slice(value.lastIndexOf('.') + 1);
		return { name: word.charAt(0).toUpperCase() + word.slice(1), value, description };
	});
}
