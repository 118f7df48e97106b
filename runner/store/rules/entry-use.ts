import { type Incident, partiesOf } from '@sureping/engine';
import type { DirectoryEntryName } from '../contract/directory-entries.ts';
import { BrokenRow } from '../contract/errors.ts';
import type { Row } from '../rows/columns.ts';
import { toIncident } from '../rows/incident.ts';

/** Most incidents that are looked at, the newest first, and most that are named. */
export const LOOKED_AT = 1_000;
const NAMED = 20;

/** Statuses of incidents that use the entries that they name. */
export const IN_USE = "status IN ('open', 'acknowledged')";

/** Texts of which the JSON of an incident that uses an entry has at least one; others may have them in a message. */
export function mentionsOf({ kind, name }: DirectoryEntryName): readonly [string, string] {
	const text = JSON.stringify(name);
	if (kind === 'policy') return [`"policyName":${text}`, `"policyName":${text}`];
	return [
		JSON.stringify(`${kind}:${name}`),
		`${kind === 'contact' ? '"contactId"' : '"onCall"'}:${text}`,
	];
}

/** The ids of those incidents that use an entry. Damaged ones do nothing, so they use none. */
export function idsOfUsers(rows: readonly Row[], entry: DirectoryEntryName): readonly string[] {
	const users = rows.flatMap((row) => {
		try {
			const incident = toIncident(row);
			return usesEntry(incident, entry) ? [incident.id] : [];
		} catch (error) {
			if (error instanceof BrokenRow) return [];
			throw error;
		}
	});
	return users.slice(0, NAMED);
}

function usesEntry(incident: Incident, { kind, name }: DirectoryEntryName): boolean {
	const { policy, policyName, pages, pending } = incident;
	if (kind === 'policy') return policyName === name;
	const paged = [...pages, ...pending].some(({ contactId, onCall }) =>
		kind === 'contact' ? contactId === name : onCall === name,
	);
	return paged || partiesOf(policy).includes(`${kind}:${name}`);
}
