import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const POLL_MS = 200;

/** Runs `work` while no other process holds `path`; a lock left by a process that no longer lives is taken over. */
export async function withLock(path, work) {
	await mkdir(dirname(path), { recursive: true });
	while (!(await acquire(path))) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	const release = () => rm(path, { recursive: true, force: true });
	try {
		return await work();
	} finally {
		await release();
	}
}

async function acquire(path) {
	const owner = join(path, 'pid');
	try {
		await mkdir(path);
	} catch (error) {
		if (error.code !== 'EEXIST') throw error;
		const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
		if (pid > 0 && !isAlive(pid)) await rm(path, { recursive: true, force: true });
		return false;
	}
	await writeFile(owner, String(process.pid));
	return true;
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}
