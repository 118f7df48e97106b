import type { Deliveries } from '../../contract/deliveries.ts';
import { BrokenRow } from '../../contract/errors.ts';
import { orBroken } from '../../rows/broken-row.ts';
import { probe } from '../db/probe.ts';
import type { BrokenRows } from '../dead-letters.ts';
import { publish } from '../feed/publish.ts';
import { readNotification, updateNotification } from '../notifications/rows.ts';
import { applyWaitingReports } from '../reports/take.ts';
import type { Scope } from '../scope.ts';
import { storeReserved } from './rows.ts';

export function createDeliveries(scope: Scope, brokenRows: BrokenRows): Deliveries {
	const { sql, commits, soundness, deliveryClaims } = scope;
	return {
		async claim(now, limit) {
			// An attempt whose outcome cannot be stored would be repeated.
			soundness.check();
			if (commits.isFailing) await probe(scope);
			const { taken, reserved, broken } = deliveryClaims.claim(now, limit);
			try {
				if (reserved.size > 0) {
					await commits.run(() => {
						for (const [id, one] of reserved) storeReserved(sql, id, one);
					});
				}
			} catch (error) {
				// The caller does not learn of these claims.
				for (const { deliveryId } of taken) deliveryClaims.release(deliveryId);
				throw error;
			}
			await brokenRows.add('delivery', broken);
			return taken;
		},
		async update(notificationId, step) {
			const stored = await commits.runSoon(() => {
				const record =
					deliveryClaims.record(notificationId) ??
					orBroken(() => readNotification(sql, notificationId));
				if (!record) throw new BrokenRow(`There is no notification ${notificationId}`);
				const after = orBroken(() => step(record.notification));
				updateNotification(sql, record.notification, after.notification);
				deliveryClaims.expectAll(after.notification);
				publish(scope, after.events, record.callbacks, after.notification);
				return applyWaitingReports(scope, record, after);
			});
			deliveryClaims.settled(stored.notification);
			return stored;
		},
		release: (deliveryId) => deliveryClaims.release(deliveryId),
		nextAt: async (time) => deliveryClaims.nextAt(time),
	};
}
