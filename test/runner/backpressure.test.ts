import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSlack } from '../fakes/slack.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const send = { message: 'hello', channels: ['console'] };
const OTHER = 'sp_test_other_0123456789';
const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

describe('a quota', () => {
	const start = (): Promise<RunnerProcess> =>
		startRunner({
			api_keys: [
				{
					name: 'small',
					key: API_KEY,
					scopes: ['send', 'read'],
					quota: { notifications: 3, per: 'month' },
				},
				{ name: 'other', key: OTHER, scopes: ['send'] },
			],
		});

	it('is counted over restarts, refuses with the time of its end, and leaves other keys alone', async () => {
		const runner = await start();
		try {
			for (let i = 0; i < 2; i++) expect((await runner.post('/send', send)).status).toBe(202);
			// A repeat is no second notification, a mistake none at all.
			const keyed = { ...send, idempotency_key: 'one' };
			const first = await runner.post('/send', keyed);
			expect((await runner.post('/send', { ...send, channels: ['none'] })).status).toBe(422);
			await runner.kill('SIGKILL');
			await runner.start();

			const refused = await runner.post('/send', send);
			expect(refused.status).toBe(429);
			const nextMonth = new Date();
			nextMonth.setUTCMonth(nextMonth.getUTCMonth() + 1, 1);
			nextMonth.setUTCHours(0, 0, 0, 0);
			expect(refused.body.quota).toEqual({
				notifications: 3,
				left: 0,
				resets_at: nextMonth.toISOString(),
			});
			const wait = Number(refused.headers.get('retry-after')) * 1000;
			expect(Math.abs(Date.now() + wait - nextMonth.getTime())).toBeLessThan(60_000);
			const again = await runner.post('/send', keyed);
			expect([again.status, again.body]).toEqual([202, first.body]);
			const batch = await runner.post('/send/batch', { sends: [send] });
			expect(batch.body.results).toMatchObject([{ status: 429 }]);
			expect((await runner.post('/send', send, as(OTHER))).status).toBe(202);
		} finally {
			await runner.dispose();
		}
	});
});

describe('the most that may wait', () => {
	it('is kept by refusing sends, critical ones last, and is free again when some were delivered', async () => {
		const slack = await startSlack();
		const runner = await startRunner({
			connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
			backpressure: { max_pending: 5 },
		});
		try {
			const later = {
				message: 'm',
				channels: ['slack'],
				send_at: new Date(Date.now() + 2_000).toISOString(),
			};
			for (let i = 0; i < 5; i++) expect((await runner.post('/send', later)).status).toBe(202);
			const refused = await runner.post('/send', later);
			expect(refused.status).toBe(429);
			expect(refused.headers.get('retry-after')).toBe('5');
			expect(refused.body).toMatchObject({ reason: 'pending' });
			const critical = { ...later, priority: 'critical' };
			for (let i = 0; i < 5; i++) expect((await runner.post('/send', critical)).status).toBe(202);
			expect((await runner.post('/send', critical)).status).toBe(429);
			const metrics = await runner.get('/metrics');
			expect(metrics.body).toContain('sureping_sends_refused_total{reason="pending"} 2');
			await slack.received(10);
			await waitUntil(
				'sends are taken again',
				async () => (await runner.post('/send', later)).status === 202,
			);
		} finally {
			await runner.dispose();
			await slack.close();
		}
	});
});

describe('requests under way', () => {
	it('are refused before their bodies are read when there are too many', async () => {
		const runner = await startRunner({ backpressure: { max_requests: 8 } });
		try {
			const head = [
				'POST /send HTTP/1.1',
				'Host: x',
				`Authorization: Bearer ${API_KEY}`,
				'Content-Type: application/json',
				'Content-Length: 1000',
			].join('\r\n');
			const port = Number(new URL(runner.url).port);
			const sockets = Array.from({ length: 8 }, () => {
				const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n{`));
				socket.on('error', () => undefined);
				return socket;
			});
			await waitUntil('no more are taken', async () => {
				const { status, headers, body } = await runner.post('/send', send);
				if (status !== 429) return false;
				expect(headers.get('retry-after')).toBe('1');
				expect(body).toMatchObject({ reason: 'in_flight' });
				return true;
			});
			expect((await runner.get('/notifications')).status).toBe(200);
			for (const socket of sockets) socket.destroy();
			await waitUntil('their places are free', async () => {
				const { status } = await runner.post('/send', send);
				return status === 202;
			});
			// Each gave its place back.
			for (let i = 0; i < 20; i++) expect((await runner.post('/send', send)).status).toBe(202);
		} finally {
			await runner.dispose();
		}
	});

	it('keep a share for every other key, and room for critical sends, whatever one key leaves unfinished', async () => {
		const runner = await startRunner({
			api_keys: [
				{ name: 'greedy', key: API_KEY, scopes: ['send', 'read'] },
				{ name: 'other', key: OTHER, scopes: ['send'] },
			],
			backpressure: { max_requests: 40, max_request_mb: 11 },
		});
		const port = Number(new URL(runner.url).port);
		const unfinished = (path: string, announced: number) => {
			const head = [
				`POST ${path} HTTP/1.1`,
				'Host: x',
				`Authorization: Bearer ${API_KEY}`,
				'Content-Type: application/json',
				`Content-Length: ${announced}`,
			].join('\r\n');
			const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n{`));
			socket.on('error', () => undefined);
			return socket;
		};
		const sockets = [
			...Array.from({ length: 25 }, () => unfinished('/send/batch', 10 * 1024 * 1024)),
			...Array.from({ length: 6 }, () => unfinished('/send', 1024 * 1024)),
		];
		try {
			await waitUntil('the key has used up its share', async () => {
				return (await runner.post('/send', send)).status === 429;
			});
			expect((await runner.post('/send', send, as(OTHER))).status).toBe(202);
			const critical = { ...send, priority: 'critical' };
			expect((await runner.post('/send', critical, as(OTHER))).status).toBe(202);
		} finally {
			for (const socket of sockets) socket.destroy();
			await runner.dispose();
		}
	});
});

/** A file system of 24 MB, where this process may make one. */
function smallDisk(): { path: string; remove(): void } | undefined {
	const path = mkdtempSync(join(tmpdir(), 'sureping-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', path], { stdio: 'ignore' });
	} catch {
		rmSync(path, { recursive: true });
		return undefined;
	}
	return {
		path,
		remove() {
			execFileSync('umount', [path]);
			rmSync(path, { recursive: true });
		},
	};
}

const disk = smallDisk();
(disk ? describe : describe.skip)('a disk that fills up', () => {
	const path = disk?.path ?? '';
	const free = (): number => {
		const { bavail, bsize } = statfsSync(path);
		return bavail * bsize;
	};
	afterAll(() => disk?.remove());

	const start = async (min_free_disk_mb: number) => {
		const slack = await startSlack();
		const connections = [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }];
		const runner = await startRunner({ connections, backpressure: { min_free_disk_mb } }, path);
		const accepted: string[] = [];
		return {
			slack,
			runner,
			accepted,
			async post(request: object = {}): Promise<number> {
				const { status, body, headers } = await runner.post('/send', {
					message: 'x'.repeat(2_000),
					channels: ['slack'],
					...request,
				});
				if (status === 202) accepted.push(body.notification_id);
				else expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
				return status;
			},
			async end() {
				rmSync(ballast, { force: true });
				await runner.dispose();
				await slack.close();
			},
		};
	};
	const ballast = join(path, 'ballast');

	it('refuses sends with 429 while something is left, critical ones last', async () => {
		const { post, end } = await start(8);
		try {
			expect(await post()).toBe(202);
			writeFileSync(ballast, Buffer.alloc(free() - 6 * 1024 * 1024));
			await waitUntil('normal sends are refused', async () => (await post()) === 429);
			expect(await post({ priority: 'critical' })).toBe(202);
			rmSync(ballast);
			await waitUntil('sends are taken again', async () => (await post()) === 202);
		} finally {
			await end();
		}
	});

	it('answers 503 when it is full, loses nothing that was accepted, and recovers by itself', async () => {
		const { post, end, runner, slack, accepted } = await start(0);
		try {
			const held = { send_at: new Date(Date.now() + 3_000).toISOString() };
			for (let i = 0; i < 50; i++) expect(await post(held)).toBe(202);
			writeFileSync(ballast, Buffer.alloc(free()));
			// The log that the database writes has some room left.
			const statuses: number[] = [];
			while (statuses.at(-1) !== 503) statuses.push(await post());
			expect(statuses.slice(0, -1).every((status) => status === 202)).toBe(true);
			expect((await runner.get('/healthz')).status).toBe(200);
			expect((await runner.get('/notifications')).status).toBe(200);

			rmSync(ballast);
			await waitUntil('sends are taken again', async () => (await post()) === 202);
			for (const id of accepted) expect((await ended(runner, id)).status).toBe('delivered');
			// The service saw each of them once.
			expect(slack.requests).toHaveLength(accepted.length);
		} finally {
			await end();
		}
	}, 60_000);
});
