import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { StoreUnavailable } from '../../contract/errors.ts';

/** Primary result codes of SQLite for a file that is damaged (https://www.sqlite.org/rescode.html). */
const DAMAGE: ReadonlySet<number> = new Set([
	11, // SQLITE_CORRUPT
	26, // SQLITE_NOTADB
]);

const DAMAGED =
	'The database is damaged: stop the runner, look with sureping doctor, and restore a backup';

const LOST =
	'The disk failed to keep what was written, so nothing is written any more: look at the disk, and restart the runner';

/** Beside the database: its log, the log's index, and the lock that says who owns it. */
const BESIDE = ['-wal', '-shm', '-owner'];

/** Bounds how often the files are checked, however many commits there are. */
const LOOK_EVERY_MS = 100;

/**
 * Tells when an open database must not be used any more. Either it is damaged, which holds until a restart; or one of its
 * files is not at its place: SQLite goes on with what it has open, and all of that is lost when the process ends
 * (https://www.sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use). A file that is put back
 * is used again.
 */
export class Soundness {
	private readonly files: readonly { readonly path: string; readonly id: string }[];
	private isDamaged = false;
	private failedWrite: StoreUnavailable | undefined;
	private lookedAt = -Infinity;
	private fault: string | undefined;

	/** `file` is open, in WAL mode, and was written to. */
	constructor(file: string) {
		// SQLite keeps the others beside the file that a link leads to.
		const real = realpathSync(file);
		const paths = [file, ...BESIDE.map((ending) => `${real}${ending}`)];
		this.files = paths.flatMap((path) => {
			const id = identityOf(path);
			return id === undefined ? [] : [{ path, id }];
		});
	}

	/** Throws a `StoreUnavailable` when nothing may be written, and nothing attempted whose outcome would be written. */
	check(): void {
		if (this.isDamaged) throw damaged();
		if (this.failedWrite) throw this.failedWrite;
		const now = performance.now();
		if (now - this.lookedAt >= LOOK_EVERY_MS) {
			this.lookedAt = now;
			this.fault = this.faultOfFiles();
		}
		if (this.fault !== undefined) throw new StoreUnavailable(this.fault);
	}

	/** Remembers damage and returns the error to throw. */
	noticed(error: unknown): unknown {
		const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
		if (!DAMAGE.has(code & 0xff)) return error;
		this.isDamaged = true;
		return damaged(error);
	}

	/**
	 * After a failed write to the disk nobody knows which pages it has, and asking again may answer wrongly that all is well
	 * (https://wiki.postgresql.org/wiki/Fsync_Errors). So nothing is written until a restart has read the files again.
	 */
	lost(cause: unknown): StoreUnavailable {
		this.failedWrite ??= new StoreUnavailable(LOST, { isUnknown: true, isPassing: false, cause });
		return this.failedWrite;
	}

	/** Names no directories: anybody may ask whether the runner is ready. */
	private faultOfFiles(): string | undefined {
		const wrong = this.files.find(({ path, id }) => identityOf(path) !== id);
		if (!wrong) return undefined;
		const isGone = identityOf(wrong.path) === undefined;
		const what = isGone ? 'is not there any more' : 'was replaced by another file';
		return `${basename(wrong.path)} ${what} while the runner uses it: put it back, or stop the runner and restore a backup`;
	}
}

function damaged(cause?: unknown): StoreUnavailable {
	return new StoreUnavailable(DAMAGED, { isPassing: false, ...(cause ? { cause } : {}) });
}

/** The same as long as a path leads to the same file. */
function identityOf(path: string): string | undefined {
	const found = statSync(path, { throwIfNoEntry: false, bigint: true });
	return found && `${found.dev}:${found.ino}`;
}
