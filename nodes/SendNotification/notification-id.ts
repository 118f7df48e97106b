import type { IExecuteFunctions } from 'n8n-workflow';
import { type RefusedItem, refusedParameters } from './item-result.ts';

/** Reads the Notification ID of an item. */
export function readNotificationId(
	context: IExecuteFunctions,
	itemIndex: number,
): { readonly ok: true; readonly id: string } | RefusedItem {
	const id = String(context.getNodeParameter('notificationId', itemIndex)).trim();
	if (id !== '') return { ok: true, id };
	const problem = { path: 'Notification ID', message: 'must be the notificationId of a send' };
	return refusedParameters(context.getNode(), itemIndex, [problem]);
}
