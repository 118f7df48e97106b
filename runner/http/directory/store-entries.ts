import { combined } from '../../directory/snapshot.ts';
import type {
	DirectoryChange,
	DirectoryEntryName,
	DirectoryRows,
} from '../../store/contract/directory-entries.ts';
import type { ApiWith } from '../api.ts';
import { invalid, Problem } from '../problem.ts';
import { configuredAt, type EntryKind, entryOf, inWords } from './entry-kinds.ts';
import { problemsOfEntry } from './problems-of-entry.ts';
import { type EntryUser, usersOfEntry } from './users-of-entry.ts';

export type DirectoryApi = ApiWith<'directoryEntries'>;

/** Most entries of a kind besides those of the config file: all of them are in memory. */
const MOST_ENTRIES = 1000;

/** Most users of an entry that a refusal names. */
const MOST_NAMED = 20;

/** Stores a new entry. Throws a 409 for a name that is taken or one entry too many, and a 422 for its mistakes. */
export async function createEntry<T>(
	kind: EntryKind<T>,
	entry: T,
	api: DirectoryApi,
): Promise<void> {
	const name = kind.nameOf(entry);
	refuseConfigured(kind, name, api);
	await change(api, (rows) => {
		if (entryOf(kind, name, rows) !== undefined) {
			const detail = `There is already a ${kind.one} with this ${kind.field}; change it with PATCH`;
			throw new Problem(409, detail, [], { reason: 'taken' });
		}
		if (kind.listOf(rows).length >= MOST_ENTRIES) {
			const detail = `There are already ${MOST_ENTRIES} ${kind.several}, which is the limit; remove unused ones`;
			throw new Problem(409, detail, [], { reason: 'limit' });
		}
		return { put: kind.toStored(withoutMistakes(kind, entry, rows, api)), result: undefined };
	});
}

/**
 * Changes an entry as it is when the change is stored. Throws a 404, a 409 for one of the config file, and a 422 for
 * the mistakes that it would have. `place` is the path of the part that the caller gives, where that is not the whole.
 */
export async function changeEntry<T>(
	kind: EntryKind<T>,
	name: string,
	api: DirectoryApi,
	step: (now: T) => T,
	place: (entry: T) => string = () => '',
): Promise<T> {
	refuseConfigured(kind, name, api);
	return await change(api, (rows) => {
		const now = entryOf(kind, name, rows);
		if (now === undefined) throw isBroken(kind, name, rows) ? broken(kind, name) : noEntry(kind);
		const entry = withoutMistakes(kind, step(now), rows, api, place);
		return { put: kind.toStored(entry), result: entry };
	});
}

/** Removes an entry. Throws a 404, and a 409 for one of the config file or one that is in use, with its users. */
export async function removeEntry<T>(
	kind: EntryKind<T>,
	name: string,
	api: DirectoryApi,
): Promise<void> {
	refuseConfigured(kind, name, api);
	const named = { kind: kind.kind, name };
	const refuseMissing = (rows: DirectoryRows): void => {
		if (entryOf(kind, name, rows) === undefined && !isBroken(kind, name, rows)) throw noEntry(kind);
	};
	const { directoryEntries } = api.store;
	// Looking through all incidents is for what is there.
	refuseMissing(await directoryEntries.all());
	const incidents = await directoryEntries.usedBy(named);
	await change(api, (rows) => {
		refuseMissing(rows);
		const users = [
			...usersOfEntry(named, combined(api.configured, rows), api.clock.now()),
			...incidents.map((id) => ({ kind: 'incident' as const, name: id })),
		];
		if (users.length > 0) throw inUse(named, users);
		return { remove: named, result: undefined };
	});
}

export const noEntry = ({ one, field }: Pick<EntryKind<unknown>, 'one' | 'field'>): Problem =>
	new Problem(404, `There is no ${one} with this ${field}`);

function isBroken<T>({ kind }: EntryKind<T>, name: string, rows: DirectoryRows): boolean {
	return rows.broken.some((one) => one.kind === kind && one.name === name);
}

function broken<T>({ kind }: EntryKind<T>, name: string): Problem {
	const detail = `The stored row of the ${inWords({ kind, name })} is damaged and cannot be read. Remove it with DELETE, or make it anew with POST`;
	return new Problem(409, detail, [], { reason: 'damaged' });
}

/** Throws a 409 for an entry of the config file, which the operator owns. */
function refuseConfigured<T>(kind: EntryKind<T>, name: string, { configured }: DirectoryApi): void {
	const index = configuredAt(kind, name, configured);
	if (index < 0) return;
	const place = `${kind.setting}.${index}`;
	const detail = `The ${inWords({ kind: kind.kind, name })} is in the config file, at ${place}; change it there`;
	throw new Problem(409, detail, [], { reason: 'config', place });
}

/** The same entry. Throws a 422 for its mistakes. */
function withoutMistakes<T>(
	kind: EntryKind<T>,
	entry: T,
	rows: DirectoryRows,
	api: DirectoryApi,
	place: (entry: T) => string = () => '',
): T {
	const mistakes = problemsOfEntry(kind.toStored(entry), combined(api.configured, rows), api);
	if (mistakes.length === 0) return entry;
	const start = place(entry);
	throw invalid(
		mistakes.map(({ path, message }) => ({
			path: path.startsWith(start) ? path.slice(start.length) : path,
			message,
		})),
	);
}

function inUse(named: DirectoryEntryName, users: readonly EntryUser[]): Problem {
	const shown = users.slice(0, MOST_NAMED);
	const more = users.length > MOST_NAMED ? ` and ${users.length - MOST_NAMED} more` : '';
	const detail = `The ${inWords(named)} is used by ${shown.map(inWords).join(', ')}${more}; change that first`;
	return new Problem(409, detail, [], { reason: 'in_use', used_by: shown });
}

/** Runs a change. A `Problem` that it throws is no fault of the store, so it is carried through the transaction. */
async function change<T>(
	{ store }: DirectoryApi,
	step: (rows: DirectoryRows) => DirectoryChange<T>,
): Promise<T> {
	const outcome = await store.directoryEntries.change<{ value: T } | { problem: Problem }>(
		(rows) => {
			try {
				const { result, ...changes } = step(rows);
				return { ...changes, result: { value: result } };
			} catch (problem) {
				if (problem instanceof Problem) return { result: { problem } };
				throw problem;
			}
		},
	);
	if ('problem' in outcome) throw outcome.problem;
	return outcome.value;
}
