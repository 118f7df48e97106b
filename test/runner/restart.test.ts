import { startSmtp } from '../fakes/smtp.ts';
import { startSlack } from '../fakes/slack.ts';
import { startSink } from '../fakes/sink.ts';
import { ended, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('a runner that is killed', () => {
	it('goes on where it was: what was accepted is sent, what was owed is posted, nothing starts over', async () => {
		const [slack, sink] = await Promise.all([startSlack(), startSink()]);
		const runner = await startRunner({
			connections: [
				{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl },
				{ name: 'terminal', channel: 'console' },
			],
			endpoints: [
				{
					name: 'sink',
					url: sink.url,
					secret: 'whsec_endpoint_0123456789',
					events: ['notification.retrying', 'notification.delivered'],
				},
			],
			retry: { delays_s: [1], jitter: 0, timeout_s: 2 },
			webhook_retry: { delays_s: [1], jitter: 0, timeout_s: 2 },
		});
		try {
			slack.answer({ status: 500 });
			sink.answer({ status: 503 });
			const { body } = await runner.post('/send', { message: 'survives', channels: ['slack'] });
			await slack.received(1);
			await sink.received(1);
			await waitUntil('the webhook attempt is stored', () => runner.log().includes('webhook'));
			expect(await runner.kill('SIGKILL')).toBeNull();
			await runner.start();

			const found = await ended(runner, body.notification_id);
			expect(found.deliveries[0].attempts).toHaveLength(2);
			expect(found.events.map((e: { sequence: number }) => e.sequence)).toEqual([1, 2, 3]);
			await sink.received(3);
			const ids = sink.requests.map(({ headers }) => headers['x-oneping-event-id']);
			expect(ids.filter((id) => id === ids[0])).toHaveLength(2);
			expect(slack.requests).toHaveLength(2);
		} finally {
			await runner.dispose();
			await Promise.all([slack.close(), sink.close()]);
		}
	});

	it('has lost nothing that it accepted, killed in the middle of many sends', async () => {
		const slack = await startSlack();
		const runner = await startRunner({
			connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
		});
		try {
			const accepted: string[] = [];
			let failed = 0;
			const send = async (): Promise<void> => {
				for (let i = 0; i < 1000; i++) {
					try {
						const { status, body } = await runner.post('/send', {
							message: 'm',
							channels: ['slack'],
						});
						if (status === 202) accepted.push(body.notification_id);
					} catch {
						failed++;
						return;
					}
				}
			};
			const senders = Promise.all(Array.from({ length: 8 }, send));
			await waitUntil('some sends are in', () => accepted.length > 150);
			await runner.kill('SIGKILL');
			await senders;
			expect(failed).toBeGreaterThan(0);
			await runner.start();
			for (const id of accepted) {
				const found = await ended(runner, id);
				expect(found.status).toBe('delivered');
				expect(found.events).toHaveLength(2);
			}
		} finally {
			await runner.dispose();
			await slack.close();
		}
	});

	it('ends soon on SIGTERM although a mail connection is idle', async () => {
		const smtp = await startSmtp();
		const runner = await startRunner({
			connections: [
				{
					name: 'mail',
					channel: 'email',
					smtp: { host: smtp.host, port: smtp.port },
					from: 'ops@example.com',
				},
			],
		});
		try {
			const { body } = await runner.post('/send', {
				message: 'm',
				channels: ['email'],
				recipient: 'ada@example.com',
			});
			await ended(runner, body.notification_id);
			const start = Date.now();
			expect(await runner.kill('SIGTERM')).toBe(0);
			// The pool would keep the connection, and with it the process, for a minute.
			expect(Date.now() - start).toBeLessThan(20_000);
		} finally {
			await runner.dispose();
			await smtp.close();
		}
	});

	it('ends on SIGTERM only after the attempts under way, and with 0', async () => {
		const slack = await startSlack();
		const runner = await startRunner({
			connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
			retry: { delays_s: [], timeout_s: 1 },
		});
		try {
			slack.answer({ hang: true });
			const { body } = await runner.post('/send', { message: 'hangs', channels: ['slack'] });
			await slack.received(1);
			expect(await runner.kill('SIGTERM')).toBe(0);
			await runner.start();
			const found = await ended(runner, body.notification_id);
			expect(found.deliveries[0].attempts).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
			expect(slack.requests).toHaveLength(1);
		} finally {
			await runner.dispose();
			await slack.close();
		}
	});
});
