import { OPERATIONAL_TYPES } from '@sureping/engine';
import type { Broken } from './broken.ts';
import type { EventPage } from './store.ts';

/** A page ends here too, so that large events neither fill memory nor block other requests. */
export const MOST_PAGE_BYTES = 8 * 1024 * 1024;

/** The types of events that are about endpoints. */
export const OPERATIONAL: readonly string[] = Object.keys(OPERATIONAL_TYPES);

/** A page of events, and those on the way that are not JSON any more. */
export interface ReadPage<Event> extends EventPage<Event> {
	readonly broken: readonly Broken[];
}
