import type { Notification, Transition } from '@sureping/engine';
import type { Deliveries } from '../../contract/deliveries.ts';
import { tryToAddBroken } from '../dead-letters.ts';
import { Changes } from '../notifications/changes.ts';
import type { Scope } from '../scope.ts';

export function createDeliveries(scope: Scope): Deliveries {
	const { groups, leases, connectionLimits, deliveryClaims } = scope;
	const updating = groups.create<Update, Transition>((some) => updateAll(scope, some));
	return {
		async claim(now, limit) {
			const { taken, broken } = await deliveryClaims.take(now, limit);
			const { added } = await tryToAddBroken(scope, 'delivery', broken);
			for (const { id } of added) deliveryClaims.ended(id);
			for (const { id } of broken) deliveryClaims.release(id);
			leases.confirm(() => {
				for (const { deliveryId } of taken) deliveryClaims.release(deliveryId);
			});
			return taken;
		},
		async update(notificationId, step) {
			const updated = updating.add({ id: notificationId, step });
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

interface Update {
	readonly id: string;
	readonly step: (notification: Notification) => Transition;
}

async function updateAll(scope: Scope, updates: readonly Update[]): Promise<readonly Transition[]> {
	const { transitions, ended } = await scope.database.transaction(async (sql) => {
		const ids = updates.map(({ id }) => id);
		const changes = await Changes.lock(sql, scope, ids);
		const transitions = updates.map(({ id, step }) => changes.apply(id, step));
		await changes.write(sql, (id, { notification, events }) => {
			// The update that made the message known also returns the results of its reports.
			const i = ids.lastIndexOf(id);
			const before = transitions[i];
			if (before) transitions[i] = { notification, events: [...before.events, ...events] };
		});
		return { transitions, ended: changes.ended() };
	});
	for (const id of ended) scope.deliveryClaims.ended(id);
	return transitions;
}
