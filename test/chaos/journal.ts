import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A process's own account of what it did and saw: JSON lines, each written at once. */
export class Journal<Line extends object> {
	private readonly fd: number;

	constructor(file: string) {
		this.fd = openSync(file, 'a');
	}

	/** Milliseconds since 1970 by this machine's clock, which nobody moves, are added as `at`. */
	write(line: Line): void {
		writeSync(this.fd, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
	}

	/** As `write`, and on disk when it returns. */
	writeDurably(line: Line): void {
		this.write(line);
		fsyncSync(this.fd);
	}

	close(): void {
		closeSync(this.fd);
	}
}

export type Noted<Line> = Line & { readonly at: number };

export function readJournal<Line extends object>(file: string): readonly Noted<Line>[] {
	if (!existsSync(file)) return [];
	return readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line));
}
