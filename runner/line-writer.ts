import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';

/** Most bytes that wait: a reader that pauses for a moment loses nothing, and one that stopped costs no more memory. */
const MOST_WAITING = 4 * 1024 * 1024;
/** Bytes in one write. */
const MOST_TOGETHER = 256 * 1024;
/** Milliseconds until a write to a full pipe is retried, and until any other failed write is. */
const FULL_PIPE_MS = 50;
const FAILED_MS = 1_000;

/**
 * Writes lines to standard output or standard error. These may be full, gone (ENOSPC, EPIPE, EIO) or unread, which must
 * never stop or end the process: lines are then dropped and counted, and work goes on.
 */
export class LineWriter {
	private readonly fd: number;
	/** The line that says how many lines are missing, written once there is room again. */
	private readonly gap: (dropped: number, reason: string) => string;
	private waiting: Buffer[] = [];
	private bytes = 0;
	/** A write is under way or planned. */
	private isBusy = false;
	private readonly togetherMs: number;
	/** When the latest write began, by `performance.now()`. */
	private wroteAt = -Infinity;
	private unreported = 0;
	/** Dropped lines that the line being written reports. */
	private reporting = 0;
	private reason = '';
	/** Lines that were dropped since the start. */
	dropped = 0;

	/** `togetherMs`: lines that follow each other within so many milliseconds share a write. */
	constructor(fd: number, gap: (dropped: number, reason: string) => string, togetherMs = 0) {
		this.fd = unblocked(fd);
		this.gap = gap;
		this.togetherMs = togetherMs;
		process.once('exit', () => this.flush());
	}

	/** `line` ends in a line break. */
	write(line: string): void {
		const bytes = Buffer.from(line, 'utf8');
		if (this.bytes + bytes.length > MOST_WAITING) return this.drop(1, 'nobody reads it');
		this.waiting.push(bytes);
		this.bytes += bytes.length;
		if (!this.isBusy) this.plan();
	}

	/** Writes what waits, with what comes until then. A line after a pause waits for no others than those of its tick. */
	private plan(): void {
		this.isBusy = true;
		const restMs = this.wroteAt + this.togetherMs - performance.now();
		if (restMs <= 0) setImmediate(() => this.next());
		else setTimeout(() => this.next(), restMs);
	}

	private next(): void {
		if (this.unreported > 0) this.report();
		const chunk = this.take();
		if (!chunk) {
			this.isBusy = false;
			return;
		}
		this.wroteAt = performance.now();
		write(this.fd, chunk, 0, chunk.length, null, (error, written) => {
			if (!error) {
				if (written < chunk.length) this.putBack(chunk.subarray(written));
				else this.reporting = 0;
				if (this.bytes < MOST_TOGETHER) return this.plan();
				return this.next();
			}
			const isFull = error.code === 'EAGAIN';
			if (isFull) this.putBack(chunk);
			else this.dropChunk(chunk, error.code ?? 'it could not be written');
			// Unwritten lines must not keep an otherwise finished process alive.
			setTimeout(() => this.next(), isFull ? FULL_PIPE_MS : FAILED_MS).unref();
		});
	}

	/** Writes what it can when the process ends, without retries. */
	private flush(): void {
		for (let chunk = this.take(); chunk; chunk = this.take()) {
			try {
				const written = writeSync(this.fd, chunk);
				if (written < chunk.length) this.putBack(chunk.subarray(written));
			} catch {
				return;
			}
		}
	}

	private take(): Buffer | undefined {
		if (this.waiting.length === 0) return undefined;
		let count = 0;
		let size = 0;
		for (const { length } of this.waiting) {
			if (count > 0 && size + length > MOST_TOGETHER) break;
			count++;
			size += length;
		}
		const chunk = Buffer.concat(this.waiting.splice(0, count));
		this.bytes -= chunk.length;
		return chunk;
	}

	private putBack(rest: Buffer): void {
		this.waiting.unshift(rest);
		this.bytes += rest.length;
	}

	private drop(lines: number, reason: string): void {
		this.dropped += lines;
		this.unreported += lines;
		this.reason = reason;
	}

	private dropChunk(chunk: Buffer, reason: string): void {
		const reported = this.reporting;
		this.reporting = 0;
		this.unreported += reported;
		this.drop(linesIn(chunk) - (reported > 0 ? 1 : 0), reason);
	}

	private report(): void {
		const line = Buffer.from(this.gap(this.unreported, this.reason), 'utf8');
		this.reporting += this.unreported;
		this.unreported = 0;
		this.putBack(line);
	}
}

function linesIn(bytes: Buffer): number {
	let lines = 0;
	for (const byte of bytes) if (byte === 0x0a) lines++;
	return lines;
}

/**
 * The same pipe or terminal, opened anew without blocking: a blocked write would hold one of the few file threads, and
 * with it the end of the process. A regular file is used as it is, since its position is shared.
 */
function unblocked(fd: number): number {
	try {
		const found = fstatSync(fd);
		if (!found.isFIFO() && !found.isCharacterDevice()) return fd;
		return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
	} catch {
		// A socket, or a system without /proc.
		return fd;
	}
}
