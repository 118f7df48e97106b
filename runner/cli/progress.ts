import { SingleBar } from 'cli-progress';
import { printable, printError } from './output.ts';

export interface Progress {
	to(done: number): void;
	end(): void;
}

/** A bar on a terminal, else a line for every tenth. It uses standard error, to keep the output clean. */
export function startProgress(what: string, total: number): Progress {
	if (process.stderr.isTTY) {
		const bar = new SingleBar({
			format: `${printable(what)} {bar} {value}/{total}`,
			stream: process.stderr,
			hideCursor: true,
		});
		bar.start(total, 0);
		return { to: (done) => bar.update(done), end: () => bar.stop() };
	}
	let printed = 0;
	return {
		to(done) {
			const tenth = total === 0 ? 10 : Math.floor((10 * done) / total);
			if (tenth <= printed) return;
			printed = tenth;
			printError(`${what}: ${done}/${total}`);
		},
		end: () => undefined,
	};
}
