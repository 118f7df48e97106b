import { constants } from 'node:fs';
import {
	access,
	chmod,
	mkdtemp,
	readdir,
	readFile,
	readlink,
	realpath,
	rm,
	statfs,
} from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Time that leftovers get to end by themselves, such as a killed process that its parent has not waited for yet. */
const MOST_TO_END_MS = 5_000;
const POLL_MS = 50;

const MEMORY = '/dev/shm';
/** Bytes; more than the tests write. */
const MOST_BYTES = 4 * 1024 ** 3;

/**
 * Does work in a temporary directory of its own, and ends the processes and removes the files that it leaves there.
 * @param isCutShort true for a result of work that was interrupted and so may leave things behind
 * @param inMemory where there is room for it
 * @param work gets the environment variables of the directory
 * @returns its result, and what it left: `process 12 (postgres -D …)`, `directory-name`
 */
export async function inOwnDirectory(work, { inMemory = false, isCutShort = () => false } = {}) {
	const parent = inMemory && (await isRoomyMemory()) ? MEMORY : tmpdir();
	const directory = await realpath(await mkdtemp(join(parent, 'sureping-run-')));
	// PostgreSQL runs as another user when we are root, and has to pass through.
	await chmod(directory, 0o711);
	try {
		const result = await work({
			TMPDIR: directory,
			TEMP: directory,
			TMP: directory,
			// npm would leave its compiled code here.
			NODE_DISABLE_COMPILE_CACHE: '1',
		});
		if (isCutShort(result)) return { result, left: [] };
		const processes = await stillRunning(directory);
		const left = [
			...processes.map(({ pid, command }) => `process ${pid} (${command})`),
			...(await readdir(directory)),
		];
		return { result, left };
	} finally {
		await endAll(directory);
		await rm(directory, { recursive: true, force: true, maxRetries: 5 });
	}
}

/**
 * A file system in memory that programs may be run from and that has room, on Linux: the tests kill processes, not the
 * machine, and would wait for the disk many thousand times.
 */
async function isRoomyMemory() {
	if (process.env.TMPDIR !== undefined || freemem() < 2 * MOST_BYTES) return false;
	const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
	const [, , type, options = ''] =
		mounts
			.split('\n')
			.map((line) => line.split(' '))
			.findLast(([, path]) => path === MEMORY) ?? [];
	if (type !== 'tmpfs' || options.split(',').includes('noexec')) return false;
	try {
		await access(MEMORY, constants.W_OK);
		const { bavail, bsize } = await statfs(MEMORY);
		return bavail * bsize >= MOST_BYTES;
	} catch {
		return false;
	}
}

/** Processes that have the directory in their environment, their command line or as their own; on Linux alone. */
async function processesOf(directory) {
	const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
	const found = await Promise.all(
		pids.map(async (pid) => {
			if (Number(pid) === process.pid) return [];
			const [command, environment, cwd] = await Promise.all([
				readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
				readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
				readlink(`/proc/${pid}/cwd`).catch(() => ''),
			]);
			// One that has ended and was not waited for has neither.
			const isOurs = [command, environment, cwd].some((text) => text.includes(directory));
			return isOurs ? [{ pid: Number(pid), command: command.split('\0').join(' ').trim() }] : [];
		}),
	);
	return found.flat();
}

async function stillRunning(directory) {
	const until = Date.now() + MOST_TO_END_MS;
	for (;;) {
		const found = await processesOf(directory);
		if (found.length === 0 || Date.now() > until) return found;
		await pause();
	}
}

/**
 * A database whose parent is gone has to be stopped as well; processes that it starts meanwhile are found the next
 * time.
 */
async function endAll(directory) {
	for (let tries = 0; tries < MOST_TO_END_MS / POLL_MS; tries++) {
		const found = await processesOf(directory);
		if (found.length === 0) return;
		for (const { pid } of found) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch (error) {
				if (error.code !== 'ESRCH') throw error;
			}
		}
		await pause();
	}
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));
