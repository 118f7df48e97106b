import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { succeeds, startProgram } from '../process.ts';

export const REDIS = 'redis-server';
export const redisIsThere = (): boolean => succeeds(REDIS, ['--version']);

/**
 * A Redis with its defaults, which Debian ships, and an append-only file, which BullMQ asks for in production
 * (https://docs.bullmq.io/guide/going-to-production).
 * @param fsync when an answered write is on the disk: within a second (the default), or before the answer
 */
export async function startRedis(
	dir: string,
	fsync: 'everysec' | 'always',
): Promise<{ port: number; child: ChildProcess }> {
	const port = await freePort();
	const settings = {
		port: String(port),
		bind: '127.0.0.1',
		dir,
		appendonly: 'yes',
		appendfsync: fsync,
		'maxmemory-policy': 'noeviction',
	};
	const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
	const { child } = await startProgram(REDIS, args, /Ready to accept connections/);
	return { port, child };
}

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
