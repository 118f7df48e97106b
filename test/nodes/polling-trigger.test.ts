import type { PackageDirectoryLoader } from 'n8n-core';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { readFetched } from '../../engine/receive/read-fetched.ts';
import { type FakeEventFeed, startEventFeed } from '../fakes/event-feed.ts';
import { type FakeOtpiq, startOtpiq } from '../fakes/otpiq.ts';
import { type FakePingram, startPingram } from '../fakes/pingram-send.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { loadPackage } from './n8n/package.ts';
import { hostPoll, type PollHost } from './n8n/poll-host.ts';

let loader: PackageDirectoryLoader;

beforeAll(async () => {
	loader = await loadPackage();
});

type Items = readonly INodeExecutionData[] | null;

const facts = (items: Items, ...names: string[]): unknown[] =>
	(items ?? []).map(({ json }) => names.map((name) => json[name]));
const ids = (items: Items): unknown[] => facts(items, 'eventId').flat();

let made = 0;
const event = (changes: IDataObject = {}): IDataObject => ({
	event: 'notification.delivered',
	status: 'delivered',
	notification_id: 'msg_1',
	delivery_id: 'dlv_1',
	event_id: `evt_${++made}`,
	sequence: 2,
	channel: 'slack',
	recipient: 'ops',
	metadata: {},
	timestamp: '2026-01-15T10:30:45.000Z',
	...changes,
});

describe("polling a runner's event feed", () => {
	let feed: FakeEventFeed;

	beforeEach(async () => {
		made = 0;
		feed = await startEventFeed(2);
	});

	afterEach(async () => {
		await feed.close();
	});

	const host = (parameters: IDataObject = {}, apiKey = feed.apiKey): PollHost =>
		hostPoll(
			loader,
			{ source: 'sureping', ...parameters } as never, // plain JSON
			{ surepingApi: { baseUrl: feed.url, apiKey } },
		);

	it('begins with what happens after the activation, and gives each event once', async () => {
		feed.add(event(), event({ event: 'notification.unsubscribed' }), event());
		const trigger = host();
		expect(await trigger.activate()).toBeNull();
		expect(await trigger.poll()).toBeNull();
		feed.add(event(), event(), event());
		expect(ids(await trigger.poll())).toEqual(['evt_4', 'evt_5', 'evt_6']);
		expect(await trigger.poll()).toBeNull();
	});

	it("gives items as the webhook trigger's", async () => {
		const trigger = host({ options: { startAt: 'oldest' } });
		const payload = event({ metadata: { order_id: 'ORD-5678' } });
		feed.add(payload);
		const [item] = (await trigger.activate())!;
		expect(item!.json).toEqual({
			...readFetched('sureping', payload, { now: 0 })!.events[0],
			receivedAt: expect.any(String),
		});
		expect(item!.json).toMatchObject({
			provider: 'sureping',
			type: 'notification.delivered',
			metadata: { order_id: 'ORD-5678' },
			raw: payload,
		});
	});

	it('begins with the oldest kept where that is asked for', async () => {
		feed.add(event(), event(), event());
		expect(ids(await host({ options: { startAt: 'oldest' } }).activate())).toEqual([
			'evt_1',
			'evt_2',
			'evt_3',
		]);
	});

	it('gives only the types that were chosen, and asks for no others', async () => {
		const trigger = host({ events: ['notification.failed'] });
		await trigger.activate();
		feed.add(event(), event({ event: 'notification.failed', status: 'failed' }));
		expect(ids(await trigger.poll())).toEqual(['evt_2']);
		expect(feed.requests.at(-1)!.path).toContain('types=notification.failed');
	});

	it('gives what nobody could read, whatever types were chosen', async () => {
		const trigger = host({ events: ['notification.failed'] });
		await trigger.activate();
		const strange = { event: 'unknown', provider: 'telegram', raw: 'hello' };
		feed.add(event(strange), event({ ...strange, unreadable: true }));
		expect(ids(await trigger.poll())).toEqual(['evt_2']);
	});

	it('takes a long backlog in portions, in order', async () => {
		const trigger = host({ options: { startAt: 'oldest' } });
		feed.add(...Array.from({ length: 25 }, () => event()));
		const first = ids(await trigger.activate());
		const second = ids(await trigger.poll());
		expect(first).toHaveLength(20);
		expect([...first, ...second]).toEqual(Array.from({ length: 25 }, (_, n) => `evt_${n + 1}`));
	});

	it('goes on after an n8n that was restarted, with the stored cursor', async () => {
		const before = host();
		await before.activate();
		feed.add(event(), event());
		const after = host();
		Object.assign(after.staticData, before.staticData);
		expect(ids(await after.activate('init'))).toEqual(['evt_1', 'evt_2']);
	});

	it('loses nothing to a poll that fails, and says why it did', async () => {
		const trigger = host();
		await trigger.activate();
		feed.add(event());
		const kept = JSON.stringify(trigger.staticData);
		feed.answer({ status: 403, body: '{"title":"Forbidden"}' });
		await expect(trigger.poll()).rejects.toMatchObject({
			name: 'NodeApiError',
			httpCode: '403',
			description: expect.stringContaining('scope "read"'),
		});
		expect(JSON.stringify(trigger.staticData)).toBe(kept);
		expect(ids(await trigger.poll())).toEqual(['evt_1']);
	});

	it('gives what it could read when a later page fails, and goes on there', async () => {
		const trigger = host();
		await trigger.activate();
		feed.add(event(), event(), event());
		feed.answer(
			{ body: JSON.stringify({ events: [event({ event_id: 'evt_1' })], next_cursor: '1' }) },
			{ status: 403 },
		);
		expect(ids(await trigger.poll())).toEqual(['evt_1']);
		expect(ids(await trigger.poll())).toEqual(['evt_2', 'evt_3']);
	});

	it('fails an activation by a person where the runner refuses, but not the start of n8n', async () => {
		const trigger = host({}, 'sp_other');
		await expect(trigger.activate()).rejects.toThrow('does not know this API key');
		await expect(trigger.activate('init')).resolves.toBeNull();
		await expect(trigger.poll()).rejects.toThrow('does not know this API key');
	});

	it.each([
		['was pruned', () => feed.prune(4), ['evt_5', 'evt_new']],
		['is of another database', () => feed.startOver(), ['evt_new']],
	])('begins with the oldest kept when its cursor %s', async (_, change, expected) => {
		const trigger = host();
		feed.add(event(), event(), event());
		await trigger.activate();
		feed.add(event(), event());
		change();
		feed.add(event({ event_id: 'evt_new' }));
		expect(ids(await trigger.poll())).toEqual(expected);
		expect(await trigger.poll()).toBeNull();
	});

	it('takes the cursor of another runner for nothing', async () => {
		const trigger = host();
		trigger.staticData.origin = 'sureping http://elsewhere';
		trigger.staticData.state = { cursor: '99' };
		feed.add(event());
		expect(await trigger.activate()).toBeNull();
		feed.add(event());
		expect(ids(await trigger.poll())).toEqual(['evt_2']);
	});

	it('does not ask twice at a time', async () => {
		const trigger = host();
		await trigger.activate();
		feed.add(event());
		const both = await Promise.all([trigger.poll(), trigger.poll()]);
		expect(both.flatMap(ids)).toEqual(['evt_1']);
	});
});

describe('polling a real runner', () => {
	let runner: RunnerProcess;

	beforeAll(async () => {
		runner = await startRunner();
	}, 30_000);

	afterAll(async () => {
		await runner.dispose();
	});

	const send = async (): Promise<void> => {
		await runner.post('/send', { message: 'hello', channels: ['console'] });
	};

	it('gives what was delivered since the activation, and shows the newest in the editor', async () => {
		const trigger = hostPoll(
			loader,
			{ events: ['notification.delivered'] },
			{ surepingApi: { baseUrl: runner.url, apiKey: API_KEY } },
		);
		await send();
		await waitUntil(
			'something was delivered',
			async () => (await trigger.fetchTestEvents()) !== null,
		);
		expect(facts(await trigger.fetchTestEvents(), 'provider', 'type')).toEqual([
			['sureping', 'notification.delivered'],
		]);
		expect(trigger.staticData).toEqual({});
		expect(await trigger.activate()).toBeNull();
		await send();
		let items: Items = null;
		await waitUntil('a poll finds it', async () => (items = await trigger.poll()) !== null);
		expect(facts(items, 'type', 'channel')).toEqual([['notification.delivered', 'console']]);
	});
});

describe("polling OTPIQ's tracking", () => {
	let otpiq: FakeOtpiq;

	beforeEach(async () => {
		otpiq = await startOtpiq();
	});

	afterEach(async () => {
		await otpiq.close();
	});

	const host = (smsIds: string): PollHost =>
		hostPoll(
			loader,
			{ source: 'otpiq', smsIds },
			{ otpiqApi: { apiKey: otpiq.apiKey, baseUrl: otpiq.url } },
		);

	it('gives each change once, as its delivery report reads, and then asks no more', async () => {
		const trigger = host('sms-1, sms-2');
		otpiq.track('sms-1', { status: 'pending', isFinalStatus: false });
		otpiq.track('sms-2', { status: 'sent', isFinalStatus: false });
		expect(facts(await trigger.activate(), 'notificationId', 'type', 'final')).toEqual([
			['sms-2', 'notification.sent', false],
		]);
		expect(await trigger.poll()).toBeNull();

		otpiq.track('sms-1', { status: 'failed', isFinalStatus: true });
		otpiq.track('sms-2', { status: 'delivered', isFinalStatus: true, lastChannel: 'whatsapp' });
		const items = await trigger.poll();
		expect(facts(items, 'notificationId', 'type', 'final', 'channel', 'recipient')).toEqual([
			['sms-1', 'notification.failed', true, 'sms', '964750123456'],
			['sms-2', 'notification.delivered', true, 'whatsapp', '964750123456'],
		]);
		const report = { smsId: 'sms-1', deliveryReportType: 'all', isFinal: true };
		expect(ids(items)[0]).toBe(
			readFetched('otpiq', { ...report, channel: 'sms', status: 'failed' }, { now: 0 })!.events[0]!
				.eventId,
		);

		const before = otpiq.requests.length;
		expect(await trigger.poll()).toBeNull();
		expect(otpiq.requests).toHaveLength(before);
	});

	it.each([
		['read', 'notification.read', 'read'],
		['expired', 'notification.failed', 'expired'],
	])('knows the status %s, which only tracking tells', async (status, type, shown) => {
		otpiq.track('sms-1', { status, isFinalStatus: true });
		expect(facts(await host('sms-1').activate(), 'type', 'status', 'final')).toEqual([
			[type, shown, true],
		]);
	});

	it('goes on with the others when OTPIQ does not know one', async () => {
		otpiq.track('sms-2', { status: 'sent', isFinalStatus: false });
		expect(facts(await host('sms-1\nsms-2').activate(), 'notificationId')).toEqual([['sms-2']]);
	});

	it('gives what it found before OTPIQ refused, and the rest with the next poll', async () => {
		const trigger = host('sms-1 sms-2');
		otpiq.track('sms-1', { status: 'sent', isFinalStatus: false });
		otpiq.track('sms-2', { status: 'sent', isFinalStatus: false });
		const first = { smsId: 'sms-1', status: 'sent', isFinalStatus: false, lastChannel: 'sms' };
		otpiq.answer({ body: JSON.stringify(first) }, { status: 400 });
		expect(facts(await trigger.activate(), 'notificationId')).toEqual([['sms-1']]);
		otpiq.answer({ status: 400 });
		await expect(trigger.poll()).rejects.toMatchObject({ name: 'NodeApiError', httpCode: '400' });
		expect(facts(await trigger.poll(), 'notificationId')).toEqual([['sms-2']]);
	});
});

describe("polling Pingram's logs", () => {
	let pingram: FakePingram;

	beforeEach(async () => {
		pingram = await startPingram();
	});

	afterEach(async () => {
		await pingram.close();
	});

	const host = (trackingIds = ''): PollHost =>
		hostPoll(
			loader,
			{ source: 'pingram', trackingIds },
			{ pingramApi: { apiKey: pingram.apiKey, baseUrl: pingram.url } },
		);

	const START = Date.parse('2026-01-15T10:30:00.000Z');

	/** Newest first, as the log has them. */
	const log = (minute: number, eventType: string, facts: IDataObject = {}): void => {
		const epochMs = START + minute * 60_000;
		const trackingId = `trk-${minute}-${eventType}`;
		const timestamp = new Date(epochMs).toISOString();
		pingram.messages.push({ trackingId, eventType, timestamp, epochMs, ...facts });
		pingram.messages.sort((a, b) => Number(b.epochMs) - Number(a.epochMs));
	};

	it('begins after what is in the log, and gives each entry once, oldest first', async () => {
		for (let minute = 0; minute < 300; minute++) log(minute, 'EMAIL_DELIVERED');
		const trigger = host();
		expect(await trigger.activate()).toBeNull();
		log(301, 'SMS_FAILED', { failureCode: '30005' });
		log(300, 'EMAIL_INBOUND', { from: 'ada@example.com' });
		const items = await trigger.poll();
		expect(facts(items, 'type', 'channel', 'occurredAt')).toEqual([
			['notification.received', 'email', '2026-01-15T15:30:00.000Z'],
			['notification.failed', 'sms', '2026-01-15T15:31:00.000Z'],
		]);
		expect(await trigger.poll()).toBeNull();
	});

	it('gives an entry that was listed late, and leafs through as many pages as there are', async () => {
		const trigger = host();
		log(0, 'EMAIL_DELIVERED');
		await trigger.activate();
		for (let minute = 1; minute <= 250; minute++) log(minute, 'EMAIL_OPEN');
		expect(await trigger.poll()).toHaveLength(250);
		log(245, 'SMS_DELIVERED');
		expect(facts(await trigger.poll(), 'type', 'channel')).toEqual([
			['notification.delivered', 'sms'],
		]);
	});

	it('takes everything for new where the log was empty', async () => {
		const trigger = host();
		expect(await trigger.activate()).toBeNull();
		log(0, 'SMS_DELIVERED');
		expect(await trigger.poll()).toHaveLength(1);
	});

	it('gives what the rows of listed notifications tell, once', async () => {
		const row = { trackingId: 'trk-1', accountId: 'acc_1', user_id: 'u1', type: 'order' };
		pingram.rows.push(
			{ ...row, email_sent_at: '2026-01-15T10:30:00.000Z' },
			{ ...row, email_delivered_at: '2026-01-15T10:30:02.000Z' },
			{ ...row, call_delivered_at: '2026-01-15T10:30:03.000Z', call_delivered_code: 'BUSY' },
			{ ...row, trackingId: 'trk-2', email_opened_at: '2026-01-15T11:00:00.000Z' },
		);
		const trigger = host('trk-1, trk-3');
		expect(facts(await trigger.activate(), 'notificationId', 'type', 'channel', 'error')).toEqual([
			['trk-1', 'notification.delivered', 'email', undefined],
			['trk-1', 'notification.failed', 'call', expect.objectContaining({ code: 'BUSY' })],
		]);
		expect(await trigger.poll()).toBeNull();
		pingram.rows.push({
			...row,
			email_clicked_at: '2026-01-15T10:40:00.000Z',
			email_clicked_link: 'https://example.com',
		});
		expect(facts(await trigger.poll(), 'type', 'link', 'occurredAt')).toEqual([
			['notification.clicked', 'https://example.com', '2026-01-15T10:40:00.000Z'],
		]);
	});

	it('shows the newest in the editor and keeps nothing of that', async () => {
		for (let minute = 0; minute < 30; minute++) log(minute, 'EMAIL_DELIVERED');
		const trigger = host();
		expect(facts(await trigger.fetchTestEvents(), 'notificationId').at(-1)).toEqual([
			'trk-29-EMAIL_DELIVERED',
		]);
		expect(trigger.staticData).toEqual({});
	});

	it('says what Pingram says, and loses nothing', async () => {
		const trigger = host();
		await trigger.activate();
		log(0, 'SMS_DELIVERED');
		pingram.answer({ status: 400 });
		await expect(trigger.poll()).rejects.toMatchObject({ name: 'NodeApiError', httpCode: '400' });
		expect(await trigger.poll()).toHaveLength(1);
	});
});
