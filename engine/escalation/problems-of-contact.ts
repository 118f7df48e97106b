import { type CatalogEntry, findConnection, type Problem } from '../dispatch/plan.ts';
import { minutesOf, WEEKDAYS } from './clock-time.ts';
import type { Contact, QuietHours } from './contact.ts';
import { placeIn, unknownZone } from './problems-of-on-call.ts';
import { zoneOf } from './quiet-hours.ts';
import type { TimeZones } from './time-zones.ts';

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** The mistakes of a contact that its schema does not find. `path` is its own place, such as `contacts.0`. */
export function problemsOfContact(
	contact: Omit<Contact, 'id'>,
	{
		timeZones,
		catalog,
	}: { readonly timeZones: TimeZones; readonly catalog: readonly CatalogEntry[] },
	path = '',
): readonly Problem[] {
	const { addresses, rules, quiet_hours: quiet = [] } = contact;
	const zone = zoneOf(contact);
	const local = [
		...addresses.flatMap((address, i) => problemOfAddress(address, catalog, `addresses.${i}`)),
		...(['default', 'important'] as const).flatMap((urgency) =>
			(rules?.[urgency] ?? []).flatMap(({ channel }, i) =>
				addresses.some((address) => address.channel === channel)
					? []
					: [
							{
								path: `rules.${urgency}.${i}.channel`,
								message: `there is no address for ${channel}; add one to addresses`,
							},
						],
			),
		),
		...(timeZones.isKnown(zone) ? [] : [{ path: 'time_zone', message: unknownZone(zone) }]),
		...(isAlwaysQuiet(quiet)
			? [{ path: 'quiet_hours', message: 'must leave some time in the week' }]
			: []),
	];
	return local.map(({ path: place, message }) => ({ path: placeIn(path, place), message }));
}

function problemOfAddress(
	{ channel, connection, address }: Contact['addresses'][number],
	catalog: readonly CatalogEntry[],
	place: string,
): readonly Problem[] {
	// Without a connection, the channel's default one stands for all.
	const reference = connection === undefined ? channel : `${channel}:${connection}`;
	const found = findConnection(reference, catalog);
	if (typeof found === 'string') {
		const isChannel = catalog.some((entry) => entry.channel === channel);
		return [{ path: `${place}.${isChannel ? 'connection' : 'channel'}`, message: found }];
	}
	const refused = found.connection.refuseRecipient(address);
	return refused ? [{ path: `${place}.address`, message: `${refused} (for ${channel})` }] : [];
}

/** True where the periods cover every minute of a week on the clock. */
function isAlwaysQuiet(periods: readonly QuietHours[]): boolean {
	const isQuiet = new Uint8Array(WEEK_MINUTES);
	for (const { days, from, to } of periods) {
		const [begin, end] = [minutesOf(from), minutesOf(to)];
		const length = end > begin ? end - begin : end - begin + DAY_MINUTES;
		for (const day of days) {
			const start = WEEKDAYS.indexOf(day) * DAY_MINUTES + begin;
			for (let minute = start; minute < start + length; minute++)
				isQuiet[minute % WEEK_MINUTES] = 1;
		}
	}
	return isQuiet.every((one) => one === 1);
}
