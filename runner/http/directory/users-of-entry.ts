import { type OnCall, partiesOf } from '@sureping/engine';
import type { Entries } from '../../directory/index.ts';
import type { DirectoryEntryName, DirectoryKind } from '../../store/contract/directory-entries.ts';

/** Overrides that are not over at `now`; those that are name nobody any more. */
export function lastingOverrides({ overrides }: OnCall, now: number): OnCall['overrides'] {
	return overrides.filter(({ to }) => Date.parse(to) > now);
}

/** An on-call or a policy that names an entry, or an incident by its id. */
export interface EntryUser {
	readonly kind: DirectoryKind | 'incident';
	readonly name: string;
}

/** The on-calls and policies that name an entry, so that it cannot be removed. */
export function usersOfEntry(
	{ kind, name }: DirectoryEntryName,
	{ onCalls, policies }: Entries,
	now: number,
): readonly EntryUser[] {
	const named = `${kind}:${name}`;
	return [
		...onCalls
			.filter((onCall) => kind === 'contact' && hasMember(onCall, name, now))
			.map((one) => ({ kind: 'on_call' as const, name: one.name })),
		...policies
			.filter((policy) => partiesOf(policy).includes(named))
			.map((one) => ({ kind: 'policy' as const, name: one.name })),
	];
}

function hasMember(onCall: OnCall, id: string, now: number): boolean {
	return onCall.members.includes(id) || lastingOverrides(onCall, now).some(({ who }) => who === id);
}
