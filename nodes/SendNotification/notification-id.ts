import type { IExecuteFunctions } from 'n8n-workflow';
import { type RefusedItem, refusedParameters } from './item-result.ts';

/** The Notification ID of an item that is to be looked up. */
export function readNotificationId(
	context: IExecuteFunctions,
	itemIndex: number,
): { readonly ok: true; readonly id: string } | RefusedItem {
	const id = String(context.getNodeParameter('notificationId', itemIndex)).trim();
	if (id !== '') return { ok: true, id };
	const problem = { path: 'Notification ID', message: 'must be the ID that a send gave' };
	return refusedParameters(context.getNode(), itemIndex, [problem]);
}
