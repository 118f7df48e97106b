import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileLimit, refuseFileLimit } from '../../runner/file-limit.ts';
import { API_KEY, RUNNER } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

it('a low limit of open files is told with what to do', () => {
	const limits = (files: string) => () =>
		`Limit  Soft Limit  Hard Limit  Units\nMax open files            ${files}                 4096    files\n`;
	expect(fileLimit(limits('256'))).toBe(256);
	expect(refuseFileLimit(256)).toMatch(/only 256 files .*ulimit -n/);
	expect(refuseFileLimit(fileLimit(limits('1024')))).toBeUndefined();
	expect(refuseFileLimit(fileLimit(limits('unlimited')))).toBeUndefined();
	expect(
		fileLimit(() => {
			throw new Error('no /proc here');
		}),
	).toBeUndefined();
});

describe('a runner that is out of files', () => {
	const directory = mkdtempSync(join(tmpdir(), 'sureping-files-'));
	let channel: Server;
	let child: ChildProcess;
	let most = 0;
	beforeAll(async () => {
		let open = 0;
		channel = createServer((_, response) => {
			most = Math.max(most, ++open);
			setTimeout(() => {
				open--;
				response.end('ok');
			}, 300);
		});
		await new Promise<void>((resolve) => channel.listen(0, '127.0.0.1', resolve));
	});
	afterAll(() => {
		child.kill('SIGKILL');
		channel.closeAllConnections();
		channel.close();
		rmSync(directory, { recursive: true, force: true });
	});

	it('delivers everything all the same, each at its one attempt, and says so', async () => {
		const { port } = channel.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
		const config = join(directory, 'config.json');
		const url = `http://127.0.0.1:${port}/`;
		writeFileSync(
			config,
			JSON.stringify({
				api_keys: [{ name: 'test', key: API_KEY, scopes: ['admin'] }],
				connections: [{ name: 'hook', channel: 'webhook', url }],
				retry: { delays_s: [], timeout_s: 10 },
			}),
		);
		const serve = [...RUNNER, 'serve', '--config', config, '--data-dir', directory, '--port', '0'];
		const script = `ulimit -n 80 && exec "$0" "$@"`;
		child = spawn('sh', ['-c', script, process.execPath, ...serve], { stdio: 'pipe' });
		let output = '';
		let log = '';
		child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
		const base = await waitUntil('it listens', () => /http:\/\/127[.\d:]+/.exec(output)?.[0]);
		expect(log).toMatch(/only 80 files and sockets/);

		const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
		const send = { message: 'x', channels: ['webhook'], recipient: 'me' };
		const body = JSON.stringify({ sends: Array(150).fill(send) });
		const answer = await fetch(`${base}/send/batch`, { method: 'POST', headers, body });
		expect(answer.status).toBe(200);
		const statuses = async (status: string): Promise<number> => {
			const found = await fetch(`${base}/notifications?status=${status}&limit=200`, { headers });
			const { notifications } = (await found.json()) as { notifications: unknown[] };
			return notifications.length;
		};
		await waitUntil('all are delivered', async () => (await statuses('delivered')) === 150, 25_000);
		// A runner that is out of files may drop a request; the next one comes through.
		expect(await waitUntil('none failed', async () => (await statuses('failed')) === 0)).toBe(true);
		// It did run out, or this shows nothing.
		expect(log).toContain('EMFILE');
		expect(most).toBeLessThan(80);
	});
});
