import {
	type CatalogEntry,
	contactBodySchema,
	DEFAULT_RETRY,
	onCallSchema,
	openConnection,
	problemsOfContact,
	problemsOfOnCall,
} from '@sureping/engine';
import { timeZones } from '../../../runner/time-zones.ts';

function entry(channel: string, name: string, settings: Record<string, unknown>): CatalogEntry {
	const opened = openConnection(channel, name, settings);
	if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
	return { channel, name, connection: opened.connection, policy: DEFAULT_RETRY };
}
const CATALOG = [
	entry('telegram', 'bot', { bot_token: '123456:abcdefghijklmnopqrstuvwxyz' }),
	entry('console', 'ops', {}),
];

const ofContact = (more: object, path?: string): readonly string[] =>
	problemsOfContact(
		contactBodySchema.parse({
			name: 'Anna',
			addresses: [{ channel: 'telegram', address: '4711' }],
			...more,
		}),
		{ timeZones, catalog: CATALOG },
		path,
	).map(({ path: place, message }) => `${place}: ${message}`);

const ofOnCall = (more: object, path?: string): readonly string[] =>
	problemsOfOnCall(
		onCallSchema.parse({ name: 'primary', members: ['anna'], ...more }),
		{ timeZones, hasContact: (id) => id === 'anna' },
		path,
	).map(({ path: place, message }) => `${place}: ${message}`);

describe('the mistakes of a contact', () => {
	it('are none in a good one', () => {
		expect(
			ofContact({
				addresses: [
					{ channel: 'telegram', connection: 'bot', address: '4711' },
					{ channel: 'console', address: 'anna' },
				],
				rules: { default: [{ channel: 'console', after_s: 0 }] },
				time_zone: 'Europe/Berlin',
				quiet_hours: [{ from: '22:00', to: '07:00' }],
			}),
		).toEqual([]);
	});

	it('are channels and connections that there are not, and addresses that a channel refuses', () => {
		expect(
			ofContact(
				{
					addresses: [
						{ channel: 'sms', address: '+4915112345678' },
						{ channel: 'telegram', connection: 'other', address: '4711' },
						{ channel: 'telegram', address: 'not a chat' },
					],
				},
				'contacts.2',
			),
		).toEqual([
			'contacts.2.addresses.0.channel: sms has no connection here; one of: telegram, console',
			'contacts.2.addresses.1.connection: there is no connection telegram:other; one of: telegram:bot',
			expect.stringMatching(/^contacts\.2\.addresses\.2\.address: .*\(for telegram\)$/),
		]);
	});

	it('are rules for a channel without an address', () => {
		expect(ofContact({ rules: { important: [{ channel: 'console', after_s: 0 }] } })).toEqual([
			'rules.important.0.channel: there is no address for console; add one to addresses',
		]);
	});

	it('are a zone that does not exist, and quiet hours that leave no time', () => {
		expect(
			ofContact({
				time_zone: 'Mars/Base',
				quiet_hours: [
					{ from: '12:00', to: '12:00', days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] },
					{ from: '12:00', to: '11:59', days: ['Sun'] },
					{ from: '11:50', to: '12:10' },
				],
			}),
		).toEqual([
			'time_zone: there is no time zone Mars/Base; give an IANA name such as "Europe/Berlin"',
			'quiet_hours: must leave some time in the week',
		]);
		expect(
			ofContact({
				quiet_hours: [
					{ from: '12:00', to: '12:00', days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] },
					{ from: '12:00', to: '11:59', days: ['Sun'] },
				],
			}),
		).toEqual([]);
	});
});

describe('the mistakes of an on-call', () => {
	it('are none in a good one', () => {
		expect(ofOnCall({})).toEqual([]);
		expect(ofOnCall({ every: 'day' })).toEqual([]);
		expect(ofOnCall({ ical_url: 'https://calendar.example.com/a.ics' })).toEqual([]);
	});

	it('are contacts that there are not', () => {
		const overrides = [{ who: 'carl', from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }];
		expect(ofOnCall({ members: ['anna', 'ben'], overrides }, 'on_call.0')).toEqual([
			'on_call.0.members.1: there is no contact ben',
			'on_call.0.overrides.0.who: there is no contact carl',
		]);
	});

	it('are a handover that does not fit the length of turns', () => {
		expect(ofOnCall({ handover: '18:30' })).toEqual([
			'handover: needs a weekday with every: week, such as "Mon 18:30"',
		]);
		expect(ofOnCall({ every: 'day', handover: 'Mon 18:30' })).toEqual([
			'handover: must be a time without a weekday with every: day, such as "09:00"',
		]);
	});

	it('are a zone that does not exist', () => {
		expect(ofOnCall({ time_zone: '+01:00' })).toEqual([
			'time_zone: there is no time zone +01:00; give an IANA name such as "Europe/Berlin"',
		]);
	});

	it('are a calendar that cannot be called', () => {
		expect(ofOnCall({ ical_url: 'webcal://calendar.example.com/a.ics' })).toEqual([
			'ical_url: must be an https URL; put "https:" in place of "webcal:"',
		]);
		expect(ofOnCall({ ical_url: 'file:///etc/passwd' })).toEqual([
			'ical_url: must be an http or https URL',
		]);
	});
});
