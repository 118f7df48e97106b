/**
 * The people who can be paged, as the config and the API name them: contacts, on-calls with who is on call, and policies.
 *
 * @module
 */
import type { KnownCalendar, OnCall, TimeZones } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Store } from '../store/contract/index.ts';
import { BrokenLog } from './broken-log.ts';
import { CalendarLog } from './calendar-log.ts';
import { Calendars, KEPT_MS } from './calendars.ts';
import { shiftsOf } from './shifts.ts';
import { combined, type DirectorySnapshot, type Entries, snapshotOf } from './snapshot.ts';

export type { DirectorySnapshot, Entries } from './snapshot.ts';

export interface RunnerDirectoryOptions {
	/** Entries of the config. */
	readonly configured: Entries;
	readonly store: { readonly directoryEntries: Pick<Store['directoryEntries'], 'all'> };
	readonly timeZones: TimeZones;
	/** Calendars of the config's on-calls are read by `trusted`, those of others by `guarded`. */
	readonly http: Outgoing['http'];
	readonly clock: Timers;
	readonly log: Logger;
}

export interface RunnerDirectory {
	/** The directory as the config and the last committed change have it, with the calendars as they were last read. */
	snapshot(): Promise<DirectorySnapshot>;
	/** Starts to keep the calendars fresh. */
	start(): void;
	stop(): void;
}

export function createDirectory({
	configured,
	store,
	timeZones,
	http,
	clock,
	log,
}: RunnerDirectoryOptions): RunnerDirectory {
	const calendars = new Calendars({ http, clock });
	const calendarLog = new CalendarLog(log);
	const brokenLog = new BrokenLog(log);
	const trusted = new Set(configured.onCalls.map(({ name }) => name));
	let timer: { cancel(): void } | undefined;

	const knownCalendars = async ({
		contacts,
		onCalls,
	}: Entries): Promise<ReadonlyMap<string, KnownCalendar>> => {
		const sources = onCalls.flatMap((onCall) => sourceOf(onCall, trusted.has(onCall.name)));
		const read = await calendars.eventsOf(sources);
		const known = new Map<string, KnownCalendar>();
		for (const [i, { onCall }] of sources.entries()) {
			const events = read[i];
			if (events) known.set(onCall.name, shiftsOf(onCall, contacts, events));
		}
		calendarLog.note(known);
		return known;
	};
	const snapshot = async (): Promise<DirectorySnapshot> => {
		const stored = await store.directoryEntries.all();
		brokenLog.note(stored.broken);
		const entries = combined(configured, stored);
		return snapshotOf(entries, timeZones, await knownCalendars(entries));
	};
	const keepFresh = (): void => {
		// An error of the store is met by those who need the directory, too.
		void snapshot().catch(() => undefined);
		timer = clock.at(clock.now() + KEPT_MS, keepFresh);
	};
	return {
		snapshot,
		start: keepFresh,
		stop: () => timer?.cancel(),
	};
}

function sourceOf(
	onCall: OnCall,
	isTrusted: boolean,
): readonly { onCall: OnCall; url: string; time_zone: string; isTrusted: boolean }[] {
	const { ical_url: url, time_zone } = onCall;
	return url === undefined ? [] : [{ onCall, url, time_zone, isTrusted }];
}
