import type { IncidentFacts, IncidentStep, IncidentTransition } from '@sureping/engine';
import { orBroken } from '../../rows/broken-row.ts';
import type { Progress } from '../../contract/leases.ts';
import type { IncidentRecord } from '../../rows/incident.ts';
import type { NotificationOrigin } from '../../rows/notification.ts';
import { asksWhoHasSeen, depthOf, isUnchanged } from '../../rules/incidents.ts';
import { carrying, type Load } from '../db/carried-load.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { writeLater } from '../db/write-rows.ts';
import { added } from '../notifications/add.ts';
import { cancelNotifications } from '../notifications/cancel.ts';
import { Changes } from '../notifications/changes.ts';
import { readRecords } from '../notifications/rows.ts';
import { noteProgress } from '../leases.ts';
import type { Scope } from '../scope.ts';
import { publicationsOf } from '../sends/accept.ts';
import { changedIncident, insertedPages, lockIncident, pagesOf, seenOf } from './rows.ts';

/** Applies a step to an incident in a transaction of its own. Rejects with a `BrokenRow`. */
export async function change(
	scope: Scope,
	id: string,
	step: IncidentStep,
	progress?: Progress,
): Promise<IncidentTransition | undefined> {
	return await carrying(scope, async (sql, load) => {
		if (progress) noteProgress(sql, scope, progress, scope.now());
		const record = await lockIncident(sql, id);
		if (!record) return undefined;
		const { transition, write } = await stepOf(sql, scope, record, step);
		await write(load);
		return transition;
	});
}

/** A step that was taken and not written yet. */
export interface Taken {
	readonly transition: IncidentTransition;
	/** Writes it with all that follows; the feed is locked from then on. */
	write(load: Load): Promise<void>;
}

/**
 * Takes a step of an incident that the transaction has locked. Locks the notifications that the step stops. `given` are facts
 * that take the place of those of its pages.
 */
export async function stepOf(
	sql: Transaction,
	scope: Scope,
	record: IncidentRecord,
	step: IncidentStep,
	given?: IncidentFacts,
): Promise<Taken> {
	const { incident, origin } = record;
	const facts = given ?? (await factsOf(sql, record));
	const transition = orBroken(() => step(incident, facts));
	if (isUnchanged(record, transition)) return { transition, write: async () => undefined };
	const writeWork = await workOf(sql, scope, transition, origin);
	return {
		transition,
		async write(load) {
			writeLater(sql, changedIncident(transition.incident, scope.now()));
			await writeWork(load);
		},
	};
}

/**
 * Prepares the parts of a transition that are not the incident: its events, its new pages, and the end of those it stops.
 * New pages are claimed from their rows, so that an answer which follows at once finds none of them under way.
 */
export async function workOf(
	sql: Transaction,
	scope: Scope,
	{ incident, notifications, stopped, events }: IncidentTransition,
	origin: NotificationOrigin,
): Promise<Taken['write']> {
	const { callbacks } = origin;
	const writes =
		stopped.length === 0
			? []
			: (await cancelNotifications(sql, stopped, scope.leases.owner)).writes;
	const changes = await Changes.lock(sql, scope, []);
	const depth = depthOf(incident);
	changes.publish(events.map((event) => ({ event, callbacks, depth })));
	for (const page of notifications) {
		changes.publish(publicationsOf({ transition: page, callbacks }));
	}
	const pages = notifications.map(({ notification }) => ({ notification, origin }));
	return async (load) => {
		writeLater(sql, writes, added(pages), insertedPages(incident, notifications));
		if (pages.length > 0) load.leavesDue();
		await changes.write(sql, load);
	};
}

/** A damaged page counts as gone: it must not end the escalation. */
async function factsOf(sql: Sql, { incident }: IncidentRecord): Promise<IncidentFacts> {
	const pages = await pagesOf(sql, incident.id);
	const { records } = await readRecords(sql, pages);
	return {
		notifications: [...records.values()].map(({ notification }) => notification),
		opened: asksWhoHasSeen(incident) ? await seenOf(sql, pages) : new Set(),
	};
}
