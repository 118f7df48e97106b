import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from './debian-program.ts';
import { freePort } from './free-port.ts';
import { listens } from './listens.ts';

export interface TemporaryRedis {
	readonly port: number;
	stop(): Promise<void>;
}

/** A Redis on a port of its own that keeps nothing on disk. */
export async function startRedis(): Promise<TemporaryRedis> {
	const redis = debianProgram({ program: 'redis-server', package: 'redis-server' });
	const directory = mkdtempSync(join(tmpdir(), 'sureping-redis-'));
	const port = await freePort();
	const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory];
	const child: ChildProcess = spawn(redis, [...settings, '--save', '', '--appendonly', 'no'], {
		stdio: 'ignore',
	});
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	await listens(port);
	return {
		port,
		async stop() {
			child.kill('SIGTERM');
			await ended;
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
