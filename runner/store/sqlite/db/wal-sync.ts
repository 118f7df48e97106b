import { close, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** Waits for the disk. */
export interface Disk {
	/** Resolves once the disk has everything that was committed before the call. Rejects with its fault. */
	sync(): Promise<void>;
	close(): Promise<void>;
}

/**
 * Has the disk keep the write-ahead log, on a thread of Node's own, so that a slow disk delays answers and not the event loop.
 * A commit in WAL mode is durable once the log is (https://www.sqlite.org/wal.html): with `synchronous = NORMAL`, SQLite
 * itself syncs the log only before a checkpoint.
 */
export class WalSync implements Disk {
	private readonly path: string;
	private handle: number | undefined;

	/** `file`: the database, which is open in WAL mode. */
	constructor(file: string) {
		this.path = `${file}-wal`;
	}

	async sync(): Promise<void> {
		// Windows syncs only what may be written to.
		this.handle ??= openSync(this.path, 'r+');
		await syncData(this.handle);
	}

	async close(): Promise<void> {
		if (this.handle !== undefined) await closeFile(this.handle);
	}
}
