import { OPERATIONAL_TYPES, type ReceivedType } from '@sureping/engine';

/** A filter on the types of events, for a query about the table `e` of events. */
export interface TypeFilter {
	readonly types: readonly string[];
	/** `e.type` is none of `types`; otherwise it is one of them. */
	readonly isExcluding: boolean;
	/** A further condition, which begins with AND; empty if there is none. */
	readonly condition: string;
}

/**
 * Events of these types, and those that a provider sent and that could not be read: they may be of any type, so no
 * filter keeps them back. JSON escapes the quotes within texts, so the mark found is a member. A payload with such a
 * member of its own is at least of type `unknown`.
 */
export function typeFilter(types: readonly string[]): TypeFilter {
	return types.includes('unknown')
		? { types, isExcluding: false, condition: '' }
		: {
				types: [...types, 'unknown'],
				isExcluding: false,
				condition: `AND (e.type <> 'unknown' OR e.body LIKE '%"unreadable":true%')`,
			};
}

const OPERATIONAL = Object.keys(OPERATIONAL_TYPES);

/** Operational events, those about endpoints. */
export const OPERATIONAL_EVENTS: TypeFilter = {
	types: OPERATIONAL,
	isExcluding: false,
	condition: '',
};

/** Delivery events, of these types or of all. */
export const deliveryEvents = (types: readonly ReceivedType[] | undefined): TypeFilter =>
	types ? typeFilter(types) : { types: OPERATIONAL, isExcluding: true, condition: '' };
