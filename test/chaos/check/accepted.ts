import type { Check } from './check.ts';
import type { Facts } from './facts.ts';

const acknowledgedIn = ({ load }: Facts) => load.filter((line) => line.kind === 'acknowledged');

/** Accepted means durable, and accepted once. */
export const ACCEPTED_CHECKS: readonly Check[] = [
	{
		name: 'what was acknowledged is in the store',
		*violations(facts) {
			for (const { n, id, deliveries } of acknowledgedIn(facts)) {
				const found = facts.notifications.get(id);
				if (found?.n !== n) {
					yield `send ${n} was acknowledged as ${id} and is lost`;
					continue;
				}
				const own = facts.deliveriesOf.get(id) ?? [];
				const isWhole = deliveries.every((delivery) => own.some((one) => one.id === delivery));
				if (!isWhole) yield `of send ${n} (${id}) deliveries are lost`;
			}
		},
	},
	{
		name: 'a repeated idempotency key is answered with the first notification',
		*violations(facts) {
			for (const [n, lines] of Map.groupBy(acknowledgedIn(facts), (line) => line.n)) {
				const ids = new Set(lines.map(({ id }) => id));
				if (ids.size > 1) yield `send ${n} was acknowledged as ${[...ids].join(' and ')}`;
			}
		},
	},
	{
		name: 'no send is in the store twice',
		*violations({ stored }) {
			for (const [n, found] of Map.groupBy(stored.notifications, (one) => one.n)) {
				if (found.length > 1) yield `send ${n} is ${found.map(({ id }) => id).join(' and ')}`;
			}
		},
	},
	{
		name: 'the database is whole',
		violations: ({ stored }) => stored.damage,
	},
];
