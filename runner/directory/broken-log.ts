import type { Logger } from 'pino';
import type { DirectoryEntryName } from '../store/contract/directory-entries.ts';

/** Logs each stored entry that cannot be read, once. It is left out of the directory, so nobody is paged through it. */
export class BrokenLog {
	private readonly log: Logger;
	private known: ReadonlySet<string> = new Set();

	constructor(log: Logger) {
		this.log = log;
	}

	note(broken: readonly DirectoryEntryName[]): void {
		const before = this.known;
		this.known = new Set(broken.map(({ kind, name }) => `${kind} ${name}`));
		for (const { kind, name } of broken) {
			if (before.has(`${kind} ${name}`)) continue;
			this.log.error(
				{ kind, entry: name },
				'a stored contact, on-call or policy is damaged and left out; make it anew or remove it over the API',
			);
		}
	}
}
