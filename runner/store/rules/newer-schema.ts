import { VERSION } from '../../version.ts';

/** A database whose schema this version does not know. */
export interface NewerSchema {
	/** The steps that the database has. */
	readonly schema: number;
	/** The steps that this version knows. */
	readonly known: number;
	/** The version of Sureping that made the newest step; undefined where the database does not tell. */
	readonly madeBy: string | undefined;
}

/** Names the version that made a newer schema, as in "a newer version (schema 12, made by Sureping 0.3.0)". */
export function newerVersion({ schema, madeBy }: Pick<NewerSchema, 'schema' | 'madeBy'>): string {
	const by = madeBy === undefined ? '' : `, made by Sureping ${madeBy}`;
	return `a newer version (schema ${schema}${by})`;
}

/** Says why a database is refused, and the three ways on. `database` is the subject, such as a file's path. */
export function refusedSchema(database: string, newer: NewerSchema): string {
	const wanted = newer.madeBy === undefined ? 'a newer Sureping' : `Sureping ${newer.madeBy}`;
	return (
		`${database} was written by ${newerVersion(newer)}. ` +
		`This is Sureping ${VERSION}, which knows schema ${newer.known} and would damage it. ` +
		`Start ${wanted}, restore a backup from before the update, or use another database.`
	);
}
