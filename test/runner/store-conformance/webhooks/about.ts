import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { MONTH, pruneAll } from '../../../support/prune-all.ts';
import { openBedOn } from '../bed.ts';

const DAY = 24 * 3600_000;

describe('webhooks', () => {
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
});
