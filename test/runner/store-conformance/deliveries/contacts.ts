import type { Contact } from '@sureping/engine';
import { BUSY, DispatchStore, OK, START } from '../../../support/dispatch-store.ts';
import { openBedOn } from '../bed.ts';

const HOUR_MS = 3600_000;

/** It is midnight: the quiet hours of two of them end at seven. */
const CONTACTS: readonly Contact[] = [
	contact('waits', [{ days: ['Wed'], from: '22:00', to: '07:00', do: 'hold' }]),
	contact('skips', [{ days: ['Wed'], from: '22:00', to: '07:00', do: 'skip' }]),
	contact('awake'),
	// Quiet from one o'clock.
	contact('late', [{ days: ['Thu'], from: '01:00', to: '07:00', do: 'hold' }]),
];

function contact(id: string, quietHours?: Contact['quiet_hours']): Contact {
	return {
		id,
		name: id,
		addresses: [{ channel: 'webhook', address: `address of ${id}` }],
		...(quietHours ? { quiet_hours: quietHours } : {}),
	};
}

describe('a delivery to a contact', () => {
	let scene: DispatchStore;
	afterEach(() => scene.dispose());

	const opened = async (answer: Parameters<typeof DispatchStore.open>[1] = () => OK) =>
		(scene = await DispatchStore.open({ bot: {}, other: {} }, answer, openBedOn, CONTACTS));
	const to = (id: string) => ({ recipient: `contact:${id}` });

	it('keeps the contact and its address', async () => {
		await opened();
		const id = await scene.send('bot', to('awake'));
		const expected = { contactId: 'awake', recipient: 'address of awake' };
		expect((await scene.read(id)).notification.deliveries).toMatchObject([expected]);
		await scene.runUntil(() => scene.tried.length === 1);
		await scene.runFor(0);
		expect((await scene.read(id)).notification.deliveries).toMatchObject([
			{ ...expected, state: 'delivered' },
		]);
		const { notification } = await scene.read(await scene.send('bot', { recipient: 'no contact' }));
		expect(Object.keys(notification.deliveries[0] ?? {})).not.toContain('contactId');
	});

	it('starts when the quiet hours end, and not before', async () => {
		await opened();
		await scene.send('bot', to('waits'));
		await scene.send('bot', { ...to('waits'), priority: 'critical' });
		await scene.send('bot', to('awake'));
		await scene.runFor(7 * HOUR_MS);
		expect(scene.tried.map(({ at }) => at)).toEqual([0, 0, 7 * HOUR_MS]);
	});

	it('waits for their end also where it is a fallback or a retry', async () => {
		await opened((_connection, recipient) =>
			recipient === 'no contact' || scene.clock.now() < START + HOUR_MS ? BUSY : OK,
		);
		const policy = { delaysMs: [2 * HOUR_MS], jitter: 0, timeoutMs: 1000 };
		const once = { ...policy, delaysMs: [] };
		const retried = await scene.send('bot', { ...to('late'), policy });
		const fallen = await scene.send('bot', {
			recipient: { 'webhook:bot': 'no contact', 'webhook:other': 'contact:waits' },
			fallback_channels: ['webhook:other'],
			policy: once,
		});
		await scene.runFor(7 * HOUR_MS);
		const triedAt = (address: string): readonly number[] =>
			scene.tried.filter(({ recipient }) => recipient === address).map(({ at }) => at);
		expect(triedAt('no contact')).toEqual([0]);
		expect(triedAt('address of waits')).toEqual([7 * HOUR_MS]);
		expect(triedAt('address of late')).toEqual([0, 7 * HOUR_MS]);
		for (const id of [retried, fallen]) expect((await scene.read(id)).status).toBe('delivered');
	});

	it('ends without an attempt where the quiet hours skip it, and its fallback starts', async () => {
		await opened();
		const alone = await scene.send('bot', to('skips'));
		const helped = await scene.send('bot', {
			recipient: { 'webhook:bot': 'contact:skips', 'webhook:other': 'contact:awake' },
			fallback_channels: ['webhook:other'],
		});
		await scene.runFor(HOUR_MS);
		const skipped = { state: 'failed', attempts: [], error: { code: 'QUIET_HOURS' } };
		const read = await scene.read(alone);
		expect(read.notification.deliveries).toMatchObject([skipped]);
		expect(read.events.map(({ event }) => event)).toEqual([
			'notification.queued',
			'notification.failed',
			'notification.undelivered',
		]);
		expect((await scene.read(helped)).notification.deliveries).toMatchObject([
			skipped,
			{ state: 'delivered', contactId: 'awake' },
		]);
		expect(scene.tried.map(({ recipient }) => recipient)).toEqual(['address of awake']);
	});

	it('waits where the contact took up quiet hours after the send', async () => {
		await opened();
		const stored = { ...contact('new'), addresses: [{ channel: 'webhook', address: 'new' }] };
		const put = async (entry: Contact): Promise<void> =>
			await scene.store.directoryEntries.change(() => ({
				put: { kind: 'contact', entry },
				result: undefined,
			}));
		await put(stored);
		await scene.send('bot', { ...to('new'), send_at: new Date(START + HOUR_MS).toISOString() });
		await put({
			...stored,
			quiet_hours: [{ days: ['Thu'], from: '00:00', to: '03:00', do: 'hold' }],
		});
		await scene.runFor(4 * HOUR_MS);
		expect(scene.tried.map(({ at }) => at)).toEqual([3 * HOUR_MS]);
	});
});
