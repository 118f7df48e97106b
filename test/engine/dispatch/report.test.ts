import {
	applyReport,
	cancel,
	type ReceivedEvent,
	receivedEvent,
	type ReceivedType,
	statusOf,
	type Target,
	unreported,
} from '@sureping/engine';
import fc from 'fast-check';
import { ONCE, planOf, rejected, Scene, T0, target, types } from '../../support/dispatch-scene.ts';

const DAY = 24 * 3600 * 1000;
const LATER = T0 + 60_000;

const reported = (otherwise: 'delivered' | 'failed' = 'delivered'): Target => ({
	...target('sms', ONCE),
	report: { timeoutMs: DAY, otherwise },
});
const accepted = { result: 'delivered', confirmation: 'service', messageId: 'SM1' } as const;

function report(type: ReceivedType, more: Partial<ReceivedEvent> = {}): ReceivedEvent {
	return { ...receivedEvent('twilio', { type, notificationId: 'SM1' }, {}, LATER), ...more };
}

/** An SMS that Twilio has taken, with e-mail as its fallback. */
function sent(otherwise?: 'delivered' | 'failed', fallbacks: string[] = ['email']): Scene {
	const scene = new Scene(planOf([reported(otherwise)], fallbacks));
	scene.attempt('sms', accepted);
	return scene;
}

function apply(scene: Scene, one: ReceivedEvent): string[] {
	const { id } = scene.delivery('sms');
	return types(scene.take(applyReport(scene.notification, id, one, LATER, scene)));
}

describe('a message that its service reports on', () => {
	it('is sent when the service takes it, and waits for its report', () => {
		const scene = sent();
		expect(types(scene.events)).toEqual(['queued', 'sent']);
		expect(scene.delivery('sms')).toMatchObject({
			state: 'sent',
			messageId: 'SM1',
			dueAt: T0 + 200 + DAY,
		});
		expect(statusOf(scene.notification)).toBe('in_progress');
	});

	it('is delivered at once where the service gave no id to report on', () => {
		const scene = new Scene(planOf([reported()]));
		scene.attempt('sms', { result: 'delivered', confirmation: 'service' });
		expect(types(scene.events)).toEqual(['queued', 'delivered']);
	});

	it('is delivered when the report says so, confirmed by whom it names', () => {
		const scene = sent();
		expect(apply(scene, report('notification.delivered', { confirmation: 'device' }))).toEqual([
			'delivered',
		]);
		expect(scene.events.at(-1)).toMatchObject({ confirmation: 'device', attempt: 1, sequence: 3 });
		expect(scene.delivery('sms').dueAt).toBeUndefined();
		expect(statusOf(scene.notification)).toBe('delivered');
	});

	it('starts the fallback when the report says that it failed', () => {
		const scene = sent();
		const error = { code: '30003', message: 'Unreachable destination handset' };
		expect(
			apply(scene, report('notification.failed', { providerEvent: 'undelivered', error })),
		).toEqual(['failed', 'queued', 'fallback']);
		expect(scene.events.find(({ event }) => event === 'notification.failed')).toMatchObject({
			error: {
				code: 'NOT_DELIVERED',
				message: 'Twilio reported undelivered (30003): Unreachable destination handset',
			},
		});
		expect(scene.delivery('email').state).toBe('queued');
	});

	it('bounces, hard or soft, and says so when nothing is left to try', () => {
		const scene = sent('delivered', []);
		expect(apply(scene, report('notification.bounced', { bounceType: 'hard' }))).toEqual([
			'bounced',
			'undelivered',
		]);
		expect(scene.events.at(-2)).toMatchObject({
			bounce_type: 'hard',
			error: { code: 'RECIPIENT_REJECTED' },
			all_channels_failed: true,
		});
		expect(statusOf(scene.notification)).toBe('failed');
	});

	it('fails when the service did not send it, for a suppressed recipient', () => {
		const scene = sent('delivered', []);
		expect(apply(scene, report('notification.suppressed'))).toEqual(['failed', 'undelivered']);
		expect(scene.events.at(-2)).toMatchObject({ error: { code: 'SUPPRESSED' } });
	});

	it('counts as delivered when only the reading is reported', () => {
		const scene = sent();
		expect(apply(scene, report('notification.read'))).toEqual(['delivered', 'read']);
	});

	it.each([
		['delivered', ['delivered']],
		['failed', ['failed', 'queued', 'fallback']],
	] as const)('counts as %s when no report comes in time', (otherwise, expected) => {
		const scene = sent(otherwise);
		const { id } = scene.delivery('sms');
		const step = unreported(scene.notification, id, T0 + DAY + 200, scene);
		expect(types(scene.take(step))).toEqual(expected);
	});

	it('is not attempted again, whatever a late outcome says', () => {
		const scene = sent();
		const { id } = scene.delivery('sms');
		expect(scene.settle(id, { at: LATER, latencyMs: 1, outcome: rejected })).toEqual([]);
	});

	it('cannot be cancelled, but the fallback can', () => {
		const scene = sent();
		const after = cancel(scene.notification, new Set());
		expect(after).toMatchObject({ fallbacks: [], deliveries: [{ state: 'sent' }] });
		expect(cancel(sent('delivered', []).notification, new Set())).toBeUndefined();
	});
});

describe('a message that was delivered', () => {
	it('bounces after all when only the service had vouched for it, which starts the fallback', () => {
		const scene = sent();
		apply(scene, report('notification.delivered', { confirmation: 'service' }));
		expect(apply(scene, report('notification.bounced', { bounceType: 'hard' }))).toEqual([
			'bounced',
			'queued',
			'fallback',
		]);
		expect(scene.delivery('sms')).toMatchObject({ state: 'bounced' });
		expect(statusOf(scene.notification)).toBe('in_progress');
	});

	it('bounces after all when it had been accepted without waiting for a report', () => {
		const scene = new Scene(planOf([target('sms', ONCE)], ['email']));
		scene.attempt('sms', accepted);
		expect(apply(scene, report('notification.bounced'))).toEqual(['bounced', 'queued', 'fallback']);
	});

	it('stays delivered when the device had confirmed it', () => {
		const scene = sent();
		apply(scene, report('notification.delivered', { confirmation: 'device' }));
		expect(apply(scene, report('notification.bounced'))).toEqual([]);
		expect(apply(scene, report('notification.failed'))).toEqual([]);
	});

	it('starts no fallback when another channel delivered', () => {
		const scene = new Scene(planOf([reported(), target('slack', ONCE)], ['email']));
		scene.attempt('sms', accepted);
		scene.attempt('slack', { result: 'delivered', confirmation: 'service' });
		expect(apply(scene, report('notification.bounced'))).toEqual(['bounced']);
		expect(statusOf(scene.notification)).toBe('delivered');
	});

	it.each(['opened', 'clicked', 'read', 'complained', 'unsubscribed'] as const)(
		'tells that it was %s, and changes nothing else',
		(word) => {
			const scene = sent();
			apply(scene, report('notification.delivered', { confirmation: 'service' }));
			const before = scene.delivery('sms').state;
			const facts = { link: 'https://example.com/', machine: true } as const;
			expect(apply(scene, report(`notification.${word}`, facts))).toEqual([word]);
			expect(scene.events.at(-1)).toMatchObject({ ...facts, sequence: 4 });
			expect(scene.delivery('sms').state).toBe(before);
		},
	);
});

it('keeps sequences without gaps and final states final, in whatever order reports come', () => {
	const words: ReceivedType[] = [
		'notification.sent',
		'notification.delivered',
		'notification.failed',
		'notification.bounced',
		'notification.suppressed',
		'notification.opened',
		'notification.read',
		'notification.queued',
		'unknown',
	];
	const reports = fc.array(
		fc.record({
			type: fc.constantFrom(...words),
			confirmation: fc.constantFrom('service', 'device'),
		}),
		{ maxLength: 12 },
	);
	fc.assert(
		fc.property(reports, (list) => {
			const scene = sent();
			const states: string[] = [scene.delivery('sms').state];
			for (const { type, confirmation } of list) {
				apply(scene, report(type, { confirmation }));
				states.push(scene.delivery('sms').state);
			}
			const changes = states.filter((state, i) => i > 0 && state !== states[i - 1]).join(' ');
			expect(['', 'delivered', 'failed', 'bounced', 'delivered bounced']).toContain(changes);
			const { id } = scene.delivery('sms');
			const numbers = scene.events.filter((one) => one.delivery_id === id).map((e) => e.sequence);
			expect(numbers).toEqual(numbers.map((_, i) => i + 1));
			const fallbacks = scene.events.filter(({ event }) => event === 'notification.fallback');
			expect(fallbacks.length).toBeLessThanOrEqual(1);
		}),
	);
});
