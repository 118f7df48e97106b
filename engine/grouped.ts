/** The items by their key, keys in the order in which they appear: `Map.groupBy`, which Node 20 lacks (n8n 1 runs there). */
export function grouped<Key, Item>(
	items: Iterable<Item>,
	keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
	const groups = new Map<Key, Item[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group) group.push(item);
		else groups.set(key, [item]);
	}
	return groups;
}
