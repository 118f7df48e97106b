import {
	type CatalogEntry,
	type Contact,
	type OnCall,
	type Policy,
	type Problem,
	problemsOfContact,
	problemsOfOnCall,
	problemsOfPolicy,
} from '@sureping/engine';
import { timeZones } from '../time-zones.ts';
import type { Mistake } from '../words/index.ts';
import type { ConfigFile } from './settings/index.ts';

type People = Pick<ConfigFile, 'contacts' | 'on_call' | 'policies'>;

/**
 * Refuses contacts, on-calls and policies that name what there is not. They may name only people of the config: those of
 * the API can go while the runner is down.
 */
export function refusePeople(
	{ contacts, on_call: onCalls, policies }: People,
	catalog: readonly CatalogEntry[],
	issues: Mistake[],
): void {
	const contactsById = new Map(contacts.map((one): [string, Contact] => [one.id, one]));
	const onCallsByName = new Map(onCalls.map((one): [string, OnCall] => [one.name, one]));
	const directory = {
		contact: (id: string) => contactsById.get(id),
		onCall: (name: string) => onCallsByName.get(name),
	};
	const hasContact = (id: string): boolean => contactsById.has(id);
	const problems: readonly Problem[] = [
		...contacts.flatMap((one, i) =>
			problemsOfContact(one, { timeZones, catalog }, `contacts.${i}`),
		),
		...onCalls.flatMap((one, i) =>
			problemsOfOnCall(one, { timeZones, hasContact }, `on_call.${i}`),
		),
		...policies.flatMap((one: Policy, i) =>
			problemsOfPolicy(one, { directory, catalog }, `policies.${i}`),
		),
	];
	for (const { path, message } of problems) issues.push({ path: path.split('.'), message });
}

/** Warns of pages that nobody can answer by a link. */
export function warnOfPeople({
	contacts,
	policies,
	public_url: publicUrl,
}: Pick<ConfigFile, 'contacts' | 'policies' | 'public_url'>): readonly string[] {
	if (publicUrl !== undefined || contacts.length + policies.length === 0) return [];
	return [NO_LINKS];
}

const NO_LINKS =
	'public_url is not set, so pages carry no link to answer by; people can acknowledge with a Telegram button, POST /incidents/{id}/acknowledge or sureping ack';
