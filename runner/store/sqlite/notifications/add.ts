import type { Transition } from '@sureping/engine';
import type { NotificationOrigin } from '../../rows/notification.ts';
import { publish } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { insertNotification } from './rows.ts';

/** Stores a new notification and publishes its events, in a transaction of the caller's. */
export function addNotification(
	scope: Scope,
	{ notification, events }: Transition,
	{ apiKey, callbacks }: NotificationOrigin,
): void {
	const { sql, deliveryClaims } = scope;
	const bytes = insertNotification(sql, notification, apiKey, callbacks);
	deliveryClaims.expectAll(notification);
	if (notification.sendAt === undefined) {
		deliveryClaims.remember({ notification, status: 'queued', apiKey, callbacks }, bytes);
	}
	publish(scope, events, callbacks, notification);
}
