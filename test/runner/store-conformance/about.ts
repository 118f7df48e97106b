import { applyReport, type FeedEvent, receivedEvent, tellLoopStopped } from '@sureping/engine';
import { pruneAll } from '../../support/prune-all.ts';
import { OUTCOMES, SendStore } from '../../support/send-store.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../support/webhook-store.ts';
import { openBed, openBedOn } from './bed.ts';

const DAY = 24 * 3600_000;
const MONTH = {
	eventsMs: 30 * DAY,
	notificationsMs: 30 * DAY,
	webhookDeliveriesMs: 30 * DAY,
	reportsMs: 30 * DAY,
};
const ABOUT = {
	subject: 'Pump 3',
	message: 'The pump stopped',
	source: { system: 'n8n', workflow_name: 'Order flow', url: 'https://n8n.example.com/w/1' },
};

describe('what an event is about', () => {
	let now = START;
	let scene: SendStore;
	const open = async (includeMessage = true): Promise<SendStore> =>
		await SendStore.open({ now: () => now }, (options) =>
			openBed({ ...options, about: { includeMessage } }),
		);
	beforeEach(async () => {
		now = START;
		scene = await open();
	});
	afterEach(() => scene.bed.dispose());

	const feed = async (): Promise<readonly FeedEvent[]> =>
		(await scene.store.feed.read(undefined, 1000))?.events ?? [];

	it('is told by each of its events, in the feed and with the notification, also after a restart', async () => {
		const { id, delivery } = await scene.send(ABOUT);
		await scene.settle(id, delivery.id, OUTCOMES.failed);
		await scene.bed.reopen();
		const events = await feed();
		expect(events.map(({ event }) => event)).toEqual([
			'notification.queued',
			'notification.failed',
			'notification.undelivered',
		]);
		for (const event of events) expect(event).toMatchObject(ABOUT);
		const found = await scene.store.notifications.get(id);
		expect(found?.events).toEqual(events);
		expect(found?.notification).toMatchObject(ABOUT);
	});

	it('is an excerpt in events, and whole with the notification', async () => {
		const message = `${'x'.repeat(279)}👨‍👩‍👧‍👦${'y'.repeat(100_000)}`;
		const { id } = await scene.send({ message });
		const [event] = await feed();
		expect(event).toMatchObject({ message: `${'x'.repeat(279)}👨‍👩‍👧‍👦` });
		expect((await scene.store.notifications.get(id))?.notification.message).toBe(message);
	});

	it('says only where it came from when the text is to be left out', async () => {
		await scene.bed.dispose();
		scene = await open(false);
		const { id } = await scene.send(ABOUT);
		const [event] = await feed();
		expect(event).toMatchObject({ source: ABOUT.source });
		for (const one of [event, (await scene.store.notifications.get(id))?.events[0]]) {
			expect(one).not.toHaveProperty('message');
			expect(one).not.toHaveProperty('subject');
		}
	});

	it('stays as long as an event that tells it could be kept', async () => {
		const { id, delivery } = await scene.send(ABOUT);
		now = START + 20 * DAY;
		await scene.settle(id, delivery.id, OUTCOMES.failed);
		await pruneAll(scene.store, START + 49 * DAY, MONTH);
		const kept = await feed();
		expect(kept.map(({ event }) => event)).toEqual([
			'notification.failed',
			'notification.undelivered',
		]);
		for (const event of kept) expect(event).toMatchObject(ABOUT);
		await pruneAll(scene.store, START + 51 * DAY, MONTH);
		expect(await feed()).toEqual([]);
		expect(await scene.store.notifications.get(id)).toBeUndefined();
	});

	it('goes with its notification where that is to be kept for a shorter time', async () => {
		const { id, delivery } = await scene.send(ABOUT);
		await scene.settle(id, delivery.id, OUTCOMES.failed);
		await pruneAll(scene.store, START + 2 * DAY, { ...MONTH, notificationsMs: DAY });
		expect(await scene.store.notifications.get(id)).toBeUndefined();
		const events = await feed();
		expect(events).toHaveLength(3);
		for (const event of events) expect(event).not.toHaveProperty('message');
	});

	it('undelivered is stored with the last failure and follows it, once, also when a delivered message bounces', async () => {
		const { id, delivery } = await scene.send(ABOUT);
		await scene.settle(id, delivery.id, OUTCOMES.delivered);
		const bounce = receivedEvent(
			'sendgrid',
			{ type: 'notification.bounced', notificationId: 'm1', bounceType: 'hard' },
			{},
			now,
		);
		const bounced = async () =>
			await scene.store.deliveries.update(id, (notification) =>
				applyReport(notification, delivery.id, bounce, now, { newId: scene.newId }),
			);
		expect((await bounced()).events).toHaveLength(2);
		expect((await bounced()).events).toEqual([]);
		const events = await feed();
		expect(events.slice(-2)).toMatchObject([
			{ event: 'notification.bounced', all_channels_failed: true, sequence: 3 },
			{
				event: 'notification.undelivered',
				sequence: 1,
				deliveries: [{ channel: 'console', error: { code: 'RECIPIENT_REJECTED' } }],
			},
		]);
		// The reason of a bounce is in no attempt, and is kept all the same.
		expect((await scene.store.notifications.get(id))?.notification).toMatchObject({
			told: ['notification.undelivered'],
			deliveries: [{ state: 'bounced', error: { code: 'RECIPIENT_REJECTED' } }],
		});
	});
});

describe('a chain of sends', () => {
	let now = START;
	let scene: SendStore;
	beforeEach(async () => {
		now = START;
		scene = await SendStore.open({ now: () => now }, openBed);
	});
	afterEach(() => scene.bed.dispose());

	it('is as deep as the notification of the event that a send follows from, also after that is gone', async () => {
		const { notification, events } = scene.planned();
		const deep = { notification: { ...notification, depth: 3 }, events };
		await scene.accept(deep);
		const { id, deliveries } = notification;
		const [queued] = events;
		const failed = await scene.settle(id, deliveries[0]?.id ?? '', OUTCOMES.failed);
		await scene.bed.reopen();
		const ids = [queued, ...failed.events].map((event) => event?.event_id ?? '');
		expect(ids).toHaveLength(3);
		const origin = { notificationId: id, depth: 3, isKept: true, isStopped: false };
		for (const one of ids) expect(await scene.store.feed.origin(one)).toEqual(origin);
		expect(await scene.store.feed.origin('evt_unknown')).toBeUndefined();

		const refusal = { inReplyTo: ids[0] ?? '', limit: 3 };
		const stop = async () =>
			await scene.store.deliveries.update(id, (current) =>
				tellLoopStopped(current, refusal, now, scene.newId),
			);
		expect((await stop()).events).toMatchObject([
			{ event: 'notification.loop_stopped', sequence: 2 },
		]);
		expect((await stop()).events).toEqual([]);
		expect(await scene.store.feed.origin(ids[0] ?? '')).toEqual({ ...origin, isStopped: true });

		await pruneAll(scene.store, START + 2 * DAY, { ...MONTH, notificationsMs: DAY });
		expect(await scene.store.feed.origin(ids[1] ?? '')).toEqual({ ...origin, isKept: false });
		await pruneAll(scene.store, START + 31 * DAY, MONTH);
		expect(await scene.store.feed.origin(ids[1] ?? '')).toBeUndefined();
	});
});

describe('a webhook', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
	});
	afterEach(() => scene.dispose());

	it('tells in our own formats what it is about, and in those of others not; all of them keep to it', async () => {
		for (const profile of ['sureping', 'one-ping', 'standard-webhooks'] as const) {
			await scene.endpoint(profile, {
				profile,
				events: ['*'],
				...(profile === 'standard-webhooks' ? { secret: `whsec_${btoa('0123456789')}` } : {}),
			});
		}
		await scene.failed();
		const bodies: Record<string, unknown[]> = {};
		const pusher = scene.pusher(clock, async ({ url, body = '' }) => {
			(bodies[new URL(url).pathname] ??= []).push(JSON.parse(body));
			return { status: 200, headers: {}, body: '' };
		});
		pusher.wake();
		await clock.run(clock.sleep(60_000));
		await pusher.stop();
		expect(bodies['/sureping']).toMatchObject([
			{ event: 'notification.queued', message: 'm' },
			{ event: 'notification.failed', message: 'm' },
			{ event: 'notification.undelivered', message: 'm' },
		]);
		expect(bodies['/standard-webhooks']).toMatchObject([
			{ type: 'notification.queued', data: { message: 'm' } },
			{ type: 'notification.failed', data: { message: 'm' } },
			{ type: 'notification.undelivered', data: { message: 'm' } },
		]);
		expect(bodies['/one-ping']).toMatchObject([
			{ event: 'notification.queued' },
			{ event: 'notification.failed' },
		]);
		for (const body of bodies['/one-ping'] ?? []) expect(body).not.toHaveProperty('message');
	});

	it('that is held keeps what its event is about', async () => {
		await scene.endpoint('ep_1', { profile: 'sureping', events: ['notification.failed'] });
		await scene.store.endpoints.setStatus('ep_1', 'disabled');
		await scene.failed();
		await pruneAll(scene.store, START + 90 * DAY, MONTH);
		await scene.store.endpoints.setStatus('ep_1', 'enabled');
		const [due] = await scene.store.webhooks.claim(START + 90 * DAY, 1);
		expect(due?.deliveries[0]?.event).toMatchObject({ message: 'm' });
	});

	it('of an endpoint whose events nobody named goes by those that it has', async () => {
		await scene.endpoint('ep_1', { events: ['notification.queued'], hasDefaultEvents: true });
		await scene.reopen();
		expect(await scene.store.endpoints.all()).toMatchObject([
			{ events: ['notification.queued'], hasDefaultEvents: true },
		]);
	});
});
