import type { Deliveries } from '../../contract/deliveries.ts';
import type { Commits } from '../sends/commits.ts';
import { tryToAddBroken } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';

export function createDeliveries(scope: Scope, commits: Commits): Deliveries {
	const { leases, connectionLimits, deliveryClaims } = scope;
	return {
		async claim(now, limit) {
			const { taken, broken, term } = await deliveryClaims.take(now, limit);
			const { added } = await tryToAddBroken(scope, 'delivery', broken);
			for (const { id } of added) deliveryClaims.ended(id);
			for (const { id } of broken) deliveryClaims.release(id);
			leases.confirm(term, () => {
				for (const { deliveryId } of taken) deliveryClaims.release(deliveryId);
			});
			return taken;
		},
		async update(notificationId, step) {
			const updated = commits.update(notificationId, step);
			// News of the connection that the attempt brought. What cannot be stored now is stored by the next claim.
			const shared = connectionLimits.storeNews().catch(() => undefined);
			const transition = await updated;
			await shared;
			return transition;
		},
		release: (deliveryId) => deliveryClaims.release(deliveryId),
		nextAt: (time) => deliveryClaims.nextAt(time),
	};
}
