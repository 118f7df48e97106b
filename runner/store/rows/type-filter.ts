/** A filter on the types of events, for a query about the table `e` of events. */
export interface TypeFilter {
	/** `e.type` is one of them. */
	readonly types: readonly string[];
	/** What holds besides; it begins with AND, and is empty where nothing does. */
	readonly condition: string;
}

/**
 * Those of these types, and what a provider sent and nobody could read: it may be of any type, so no filter keeps it back.
 * In JSON a text has its quotes escaped, so the mark is a member. A payload that has one of its own is unknown at least.
 */
export function typeFilter(types: readonly string[]): TypeFilter {
	return types.includes('unknown')
		? { types, condition: '' }
		: {
				types: [...types, 'unknown'],
				condition: `AND (e.type <> 'unknown' OR e.body LIKE '%"unreadable":true%')`,
			};
}
