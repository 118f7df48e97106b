import { contactSchema, type OnCall, onCallSchema, policySchema } from '@sureping/engine';
import { pino } from 'pino';
import {
	createDirectory,
	type Entries,
	type RunnerDirectory,
} from '../../runner/directory/index.ts';
import { KEPT_MS } from '../../runner/directory/calendars.ts';
import { timeZones } from '../../runner/time-zones.ts';
import { calendar, event } from '../support/calendar.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const contact = (id: string, name = id): ReturnType<typeof contactSchema.parse> =>
	contactSchema.parse({ id, name, addresses: [{ channel: 'console', address: id }] });
const onCall = (name: string, member: string): OnCall =>
	onCallSchema.parse({ name, members: [member] });
const policy = (name: string): ReturnType<typeof policySchema.parse> =>
	policySchema.parse({ name, steps: [{ after_s: 0, notify: ['console'] }] });

const NONE: Entries = { contacts: [], onCalls: [], policies: [] };
const T0 = Date.parse('2026-10-12T08:00Z');
const TODAY = calendar(event('anna', 'DTSTART:20261012T070000Z\nDTEND:20261013T070000Z'));

interface Scene {
	readonly directory: RunnerDirectory;
	readonly clock: VirtualClock;
	/** The URLs that were asked for, and by which client. */
	readonly asked: readonly string[];
	/** Lines of the log. */
	readonly lines: readonly string[];
	/** The answer of the calendar's server. */
	reply: { status: number; body: string };
}

function sceneOf(configured: Entries, stored: () => Entries): Scene {
	const asked: string[] = [];
	const lines: string[] = [];
	const clock = new VirtualClock(T0);
	const log = pino({ base: null }, { write: (line) => void lines.push(line) });
	const client =
		(name: string) =>
		async ({ url }: { readonly url: string }) => {
			asked.push(`${name} ${url}`);
			return { ...scene.reply, headers: {} };
		};
	const directory = createDirectory({
		configured,
		store: {
			directoryEntries: {
				all: async () => ({ ...stored(), broken: [] }),
			},
		},
		timeZones,
		http: { trusted: client('trusted'), guarded: client('guarded') },
		clock,
		log,
	});
	const scene: Scene = { directory, clock, asked, lines, reply: { status: 200, body: TODAY } };
	return scene;
}

const withCalendar = (name: string, url: string): OnCall =>
	onCallSchema.parse({ name, ical_url: url });

describe('the directory', () => {
	it('has the entries of the config and of the store, and prefers those of the config', async () => {
		const { directory } = sceneOf(
			{
				contacts: [contact('anna', 'Anna of the config')],
				onCalls: [onCall('primary', 'anna')],
				policies: [policy('critical')],
			},
			() => ({
				contacts: [contact('anna', 'Anna of the API'), contact('ben')],
				onCalls: [onCall('primary', 'ben'), onCall('secondary', 'ben')],
				policies: [policy('critical'), policy('quiet')],
			}),
		);
		const snapshot = await directory.snapshot();
		expect(snapshot.contact('anna')?.name).toBe('Anna of the config');
		expect(snapshot.contacts.map(({ id }) => id)).toEqual(['anna', 'ben']);
		expect(snapshot.duty('primary', 0)).toEqual({ who: ['anna'] });
		expect(snapshot.duty('secondary', 0)).toEqual({ who: ['ben'] });
		expect(snapshot.duty('tertiary', 0)).toBeUndefined();
		expect(snapshot.policies.map(({ name }) => name)).toEqual(['critical', 'quiet']);
	});

	it('reads the stored entries anew for each snapshot', async () => {
		const stored = [contact('anna')];
		const { directory } = sceneOf(NONE, () => ({ ...NONE, contacts: [...stored] }));
		const before = await directory.snapshot();
		stored.push(contact('ben'));
		const after = await directory.snapshot();
		expect(before.contact('ben')).toBeUndefined();
		expect(after.contact('ben')?.id).toBe('ben');
	});

	it('knows who is on call by a calendar; only the URL of the config is called unguarded', async () => {
		const scene = sceneOf(
			{
				...NONE,
				contacts: [contact('anna')],
				onCalls: [withCalendar('primary', 'http://a.test/')],
			},
			() => ({ ...NONE, onCalls: [withCalendar('secondary', 'https://b.test/')] }),
		);
		const snapshot = await scene.directory.snapshot();
		expect(snapshot.duty('primary', T0)).toEqual({ who: ['anna'] });
		expect(snapshot.duty('secondary', T0)).toEqual({ who: ['anna'] });
		expect(snapshot.nextDuty('primary', T0)).toEqual({
			at: Date.parse('2026-10-13T07:00Z'),
			duty: { who: [], nobody: 'its calendar has no event at this time' },
		});
		expect(scene.asked).toEqual(['trusted http://a.test/', 'guarded https://b.test/']);
		expect(scene.lines).toEqual([]);
	});

	it('says once in the log that a calendar cannot be read, and when it can be again, and never its URL', async () => {
		const scene = sceneOf(
			{ ...NONE, onCalls: [withCalendar('primary', 'https://a.test/SECRET.ics')] },
			() => ({ ...NONE, contacts: [contact('anna')] }),
		);
		scene.reply = { status: 503, body: '' };
		const reason = 'its calendar cannot be read: its server answered 503';
		const failed = await scene.directory.snapshot();
		await scene.directory.snapshot();
		expect(failed.duty('primary', T0)).toEqual({
			who: [],
			nobody: 'its calendar could not be read yet',
			warning: reason,
		});
		expect(scene.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
			{ level: 40, on_call: 'primary', reason, msg: 'the calendar of an on-call is not in order' },
		]);
		scene.reply = { status: 200, body: TODAY };
		scene.clock.advance(60_000);
		expect((await scene.directory.snapshot()).duty('primary', T0)).toEqual({ who: ['anna'] });
		expect(scene.lines).toHaveLength(2);
		expect(scene.lines.join()).not.toContain('SECRET');
	});

	it('keeps calendars fresh by itself until it is stopped', async () => {
		const scene = sceneOf(
			{ ...NONE, onCalls: [withCalendar('primary', 'https://a.test/')] },
			() => NONE,
		);
		// Reading a calendar takes its time on a thread, which the virtual clock does not see.
		scene.reply = { status: 503, body: '' };
		scene.directory.start();
		await scene.clock.run(scene.clock.sleep(3 * KEPT_MS));
		scene.directory.stop();
		const asked = scene.asked.length;
		expect(asked).toBeGreaterThanOrEqual(3);
		await scene.clock.run(scene.clock.sleep(3 * KEPT_MS));
		expect(scene.asked).toHaveLength(asked);
	});
});
