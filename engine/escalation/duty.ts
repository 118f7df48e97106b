import type { Duty } from './directory.ts';
import type { OnCall, Override, Shift } from './on-call.ts';
import { turnAt } from './rotation.ts';
import type { TimeZones } from './time-zones.ts';
import { holds, spansAround } from './weekly-period.ts';

/** The shifts of an on-call's calendar, as they are known. */
export interface KnownCalendar {
	/** Undefined where it was never read. */
	readonly shifts: readonly Shift[] | undefined;
	/** The reason why the calendar is not used as it is, in words: it cannot be read, or names somebody unknown. */
	readonly warning?: string | undefined;
}

/** The facts that decide who is on call. */
export interface DutyFacts {
	readonly timeZones: TimeZones;
	hasContact(id: string): boolean;
	/** The calendar of an on-call with `ical_url`. */
	readonly calendar?: KnownCalendar | undefined;
}

/** A moment at which the answer to "who is on call?" changes. */
export interface DutyChange {
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly duty: Duty;
}

/**
 * Most moments that are looked at for a change: one that asks the clock of a zone takes a millisecond, and others wait
 * meanwhile.
 */
const MOST_LOOKS = 30;

const WEEK_DAYS = 7;

/**
 * Those on call at `at`. An override wins over the window and the rotation or calendar; of several overrides that overlap,
 * the last listed. Where nobody is on call, the answer says why.
 */
export function dutyAt(onCall: OnCall, at: number, facts: DutyFacts): Duty {
	const { overrides, ical_url: url } = onCall;
	const holding = overrides.map(spanOf).filter((override) => holds(override, at));
	const override = holding.findLast(({ who }) => facts.hasContact(who));
	const gone = holding.filter(({ who }) => !facts.hasContact(who)).map(({ who }) => who);
	const lost = gone.map((who) => `an override names ${who}, who is no longer a contact`);
	if (override) return dutyOf([override.who], lost);

	const { timeZones, calendar } = facts;
	const { time_zone: zone } = onCall;
	const warnings = [...lost, ...(url !== undefined && calendar?.warning ? [calendar.warning] : [])];
	const nobody = (reason: string): Duty => ({ ...dutyOf([], warnings), nobody: reason });
	if (!timeZones.isKnown(zone)) return nobody(`this host does not know the time zone ${zone}`);
	if (!isInWindow(onCall, at, timeZones)) return nobody('it is outside the hours of the window');
	if (url !== undefined) {
		if (!calendar?.shifts) return nobody('its calendar could not be read yet');
		const onShift = calendar.shifts.filter((shift) => holds(shift, at)).map(({ who }) => who);
		const who = [...new Set(onShift)].filter((id) => facts.hasContact(id));
		if (who.length > 0) return dutyOf(who, warnings);
		const [missing] = onShift;
		return nobody(
			missing === undefined
				? 'its calendar has no event at this time'
				: `its calendar names ${missing}, who is no longer a contact`,
		);
	}
	const turn = turnAt(onCall, at, timeZones);
	if (!turn) return nobody('it has no members');
	return facts.hasContact(turn.member)
		? dutyOf([turn.member], warnings)
		: nobody(`it is the turn of ${turn.member}, who is no longer a contact`);
}

/**
 * The first moment after `at` at which others are on call, or nobody. Undefined where nothing changes, as with one member,
 * or nothing changes at the next thirty handovers, window edges, shifts and overrides.
 */
export function nextDuty(onCall: OnCall, at: number, facts: DutyFacts): DutyChange | undefined {
	const now = dutyAt(onCall, at, facts).who.join();
	let time: number | undefined = at;
	for (let looks = 0; looks < MOST_LOOKS; looks++) {
		time = nextEdge(onCall, time, facts);
		if (time === undefined) return undefined;
		const duty = dutyAt(onCall, time, facts);
		if (duty.who.join() !== now) return { at: time, duty };
	}
	return undefined;
}

/** The first moment after `at` at which a turn, the window, a shift or an override begins or ends. */
function nextEdge(onCall: OnCall, at: number, facts: DutyFacts): number | undefined {
	const { window, overrides, members, ical_url: url, time_zone: zone } = onCall;
	const { timeZones, calendar } = facts;
	const isKnown = timeZones.isKnown(zone);
	const spans = [
		...overrides.map(spanOf),
		...(url !== undefined ? (calendar?.shifts ?? []) : []),
		...(window && isKnown ? spansAround(window, at, zone, timeZones, WEEK_DAYS) : []),
	];
	const turn =
		url === undefined && members.length > 1 && isKnown ? turnAt(onCall, at, timeZones) : undefined;
	const edges = spans.flatMap(({ from, to }) => [from, to]);
	const later = [...edges, ...(turn ? [turn.to] : [])].filter((edge) => edge > at);
	return later.length > 0 ? later.reduce((a, b) => Math.min(a, b)) : undefined;
}

function isInWindow(
	{ window, time_zone: zone }: OnCall,
	at: number,
	timeZones: TimeZones,
): boolean {
	return !window || spansAround(window, at, zone, timeZones).some((span) => holds(span, at));
}

/** Overrides with their times as numbers. There may be a thousand, and each look needs all of them. */
const overrideSpans = new WeakMap<Override, Shift>();

function spanOf(override: Override): Shift {
	const known = overrideSpans.get(override);
	if (known) return known;
	const { who, from, to } = override;
	const span = { who, from: Date.parse(from), to: Date.parse(to) };
	overrideSpans.set(override, span);
	return span;
}

function dutyOf(who: readonly string[], warnings: readonly string[]): Duty {
	return { who, ...(warnings.length > 0 ? { warning: warnings.join('; ') } : {}) };
}
