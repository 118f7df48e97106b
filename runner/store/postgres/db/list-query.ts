import { type Condition, listed as listedByPlace } from '../../rows/list-conditions.ts';
import type { Value } from './database.ts';

/**
 * `listed` with numbered parameters. The limit is a parameter as well: as text, each limit would be another prepared
 * statement on each connection.
 */
export function listed(
	limit: number,
	conditions: readonly Condition[],
): { where: string; most: string; values: readonly Value[] } {
	const { where, values } = listedByPlace(limit, conditions);
	let number = 0;
	return {
		where: where.replaceAll('?', () => `$${++number}`),
		most: `LIMIT $${values.length}::integer`,
		values,
	};
}
