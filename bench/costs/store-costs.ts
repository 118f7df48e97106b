/** The measure of what an ended notification leaves. */
export const DATABASE_BYTES = 'bytes of database, once ended';

/** The measures that stores have in common; each store adds its own. */
export interface StoreCosts {
	/** Each by its name, for one notification. */
	readonly perNotification: Readonly<Record<string, number>>;
	/** Writes to each table and index, for one notification. */
	readonly writes: ReadonlyMap<string, number>;
}
