import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	linkSync,
	lstatSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readSync,
	rmdirSync,
	rmSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../make-folder.ts';
import { fileReason } from '../../words/index.ts';
import { MADE_BY } from './templates/index.ts';

/** A file that `init` would write. */
export interface NewFile {
	readonly name: string;
	readonly mode: number;
	readonly text: string;
	/** The file in a few words, for the person at the terminal. */
	readonly about: string;
}

/** The state of a file's place: free, taken by a file of an earlier `init`, or taken otherwise, with the reason. */
type Place = { readonly is: 'free' | 'own' } | { readonly is: 'foreign'; readonly reason: string };

const foreign = (reason: string): Place => ({ is: 'foreign', reason });

/** Looks at the place of a file without following a link. */
export function placeOf(path: string): Place {
	try {
		const found = lstatSync(path);
		if (found.isSymbolicLink()) return foreign('is a symbolic link');
		if (found.isDirectory()) return foreign('is a folder');
		if (!found.isFile()) return foreign('is not a plain file');
		return startOf(path).startsWith(MADE_BY) ? { is: 'own' } : foreign('is not of init');
	} catch (error) {
		if (Object(error).code === 'ENOENT') return { is: 'free' };
		return foreign(`cannot be read: ${fileReason(error)}`);
	}
}

function startOf(path: string): string {
	const file = openSync(path, 'r');
	try {
		const start = Buffer.alloc(MADE_BY.length);
		return start.toString('utf8', 0, readSync(file, start));
	} finally {
		closeSync(file);
	}
}

/** Files could not be written; nothing was. The message says why. */
export class CannotWrite extends Error {
	override readonly name = 'CannotWrite';
}

/**
 * Writes all files or none, and overwrites nothing: each file is complete on disk, in a folder beside its place, before it
 * gets its name. A process that is killed leaves only complete files under their names. Throws a `CannotWrite`.
 */
export function writeNew(dir: string, files: readonly NewFile[]): void {
	const made = firstMissing(dir);
	try {
		makeFolder(dir, 0o755);
		removeAbandoned(dir);
		const staging = mkdtempSync(join(dir, `${STAGING}${process.pid}-`));
		try {
			for (const file of files) writeWhole(join(staging, file.name), file);
			linkAll(staging, dir, files);
		} finally {
			rmSync(staging, { recursive: true, force: true });
		}
	} catch (error) {
		if (made !== undefined) removeEmpty(dir, made);
		throw new CannotWrite(`Nothing was written: ${dir} cannot be used: ${reasonOf(error)}`);
	}
}

/** Start of the name of the folder in which files are written before they get their names. Its process's id follows. */
const STAGING = '.sureping-init-';

/** Removes what an `init` that was killed has left: complete files that have no name yet, and secrets among them. */
function removeAbandoned(dir: string): void {
	for (const name of readdirSync(dir)) {
		const pid = name.startsWith(STAGING) ? Number.parseInt(name.slice(STAGING.length), 10) : NaN;
		if (pid > 0 && !isRunning(pid)) rmSync(join(dir, name), { recursive: true, force: true });
	}
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// The process of another user may not be signalled.
		return Object(error).code === 'EPERM';
	}
}

function writeWhole(path: string, { text, mode }: NewFile): void {
	const file = openSync(path, 'wx', 0o600);
	try {
		writeFileSync(file, text);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	// Whatever the umask is.
	chmodSync(path, mode);
}

/** A link, unlike a rename, fails where there is a file already. */
function linkAll(staging: string, dir: string, files: readonly NewFile[]): void {
	const linked: string[] = [];
	try {
		for (const { name } of files) {
			const path = join(dir, name);
			linkSync(join(staging, name), path);
			linked.push(path);
		}
	} catch (error) {
		for (const path of linked) unlinkSync(path);
		throw error;
	}
}

/** The outermost folder on the way to `dir` that is not there; undefined if all are. */
function firstMissing(dir: string): string | undefined {
	if (existsSync(dir)) return undefined;
	return firstMissing(dirname(dir)) ?? dir;
}

/** Removes the empty folders from `dir` up to `made`. */
function removeEmpty(dir: string, made: string): void {
	for (let path = dir; path.length >= made.length; path = dirname(path)) {
		try {
			rmdirSync(path);
		} catch {
			// It was not made, or somebody else uses it by now.
		}
	}
}

function reasonOf(error: unknown): string {
	const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
	if (syscall === 'link') {
		return code === 'EEXIST'
			? 'a file came into being there meanwhile'
			: `its file system has no hard links (${String(code)}); use --dir with a folder on another one`;
	}
	return code === 'EFBIG' ? 'the size of files is limited (ulimit -f)' : fileReason(error);
}
