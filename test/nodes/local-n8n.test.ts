import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoPort } from '../../scripts/n8n/demo-port.ts';
import { alreadyRunning, noteRunning } from '../../scripts/n8n/running-note.ts';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sureping-local-n8n-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A server that says that it is well, as n8n does at /healthz. */
async function server(): Promise<{ port: number; close: () => Promise<void> }> {
	const listening = createServer((_, response) => response.end('{"status":"ok"}'));
	await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
	const { port } = listening.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	const close = () => new Promise<void>((resolve) => listening.close(() => resolve()));
	return { port, close };
}

it('npm run n8n has the same ports each time, and another one only while that is taken', async () => {
	const first = await demoPort(folder, 'n8n', 0);
	expect(await demoPort(folder, 'n8n', 1)).toBe(first);
	const other = await server();
	await demoPort(folder, 'runner', other.port);
	await other.close();
	const kept = await demoPort(folder, 'runner', 0);
	expect(await demoPort(folder, 'runner', 0)).toBe(kept);
});

it('a second npm run n8n says where the first one runs, with all that it printed', async () => {
	const file = join(folder, 'running.json');
	expect(await alreadyRunning(file)).toBeUndefined();
	const n8n = await server();
	const url = `http://127.0.0.1:${n8n.port}`;
	const note = await noteRunning(file, url, 'password …');
	expect(await alreadyRunning(file)).toBe(`n8n is already running at ${url}\npassword …`);
	await n8n.close();
	expect(await alreadyRunning(file)).toBeUndefined();
	await note.stop();
	expect(await alreadyRunning(file)).toBeUndefined();
});
