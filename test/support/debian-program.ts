import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps servers where a user's PATH does not look. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Read by invoke-rc.d and deb-systemd-invoke: 101 forbids to start anything (Debian policy, §9.3.3.2). */
const POLICY = '/usr/sbin/policy-rc.d';

export interface DebianProgram {
	readonly program: string;
	readonly package: string;
	/** Answers for debconf, one a line, so that nothing is asked. */
	readonly debconf?: string;
}

/**
 * The program's path: it is used if it is installed, else installed if this is root on a Debian, without starting its
 * service. Otherwise it throws, with the line that would install it.
 */
export function debianProgram({ program, package: name, debconf }: DebianProgram): string {
	const found = pathOf(program);
	if (found) return found;
	install(name, program, debconf);
	const installed = pathOf(program);
	if (!installed) throw new Error(`apt-get install ${name} did not bring ${program}`);
	return installed;
}

/** Installs a package without a program, such as a library, if the path that it brings is not there. */
export function debianPath(path: string, name: string): void {
	if (!existsSync(path)) install(name, path, undefined);
}

function pathOf(program: string): string | undefined {
	const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_DIRECTORIES];
	return directories
		.map((directory) => join(directory, program))
		.find((path) => {
			try {
				accessSync(path, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

function install(name: string, wanted: string, debconf: string | undefined): void {
	const line = `apt-get install ${name}`;
	if (process.getuid?.() !== 0 || !pathOf('apt-get')) {
		throw new Error(`This test needs ${wanted}, which is not installed. As root: ${line}`);
	}
	const isOurs = !existsSync(POLICY);
	if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	try {
		if (debconf !== undefined) {
			execFileSync('debconf-set-selections', { input: `${debconf}\n`, env, stdio: 'pipe' });
		}
		const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
		const apt = (...args: readonly string[]): void => {
			execFileSync('apt-get', [...args, ...options], { env, stdio: 'pipe' });
		};
		try {
			apt('install', name);
		} catch {
			// The machine's lists of packages are missing or name versions that are gone.
			apt('update');
			apt('install', name);
		}
	} catch (error) {
		const said =
			error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-1000) : '';
		throw new Error(`${line} failed: ${said}`, { cause: error });
	} finally {
		if (isOurs) rmSync(POLICY, { force: true });
	}
}
