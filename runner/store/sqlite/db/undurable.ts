import type { GroupCommit } from './group-commit.ts';

/** Ids of rows that an open or a fresh transaction has changed: the disk may not have them as they are. */
export class Undurable {
	private readonly commits: GroupCommit;
	/** Changes by id. */
	private readonly changes = new Map<string, number>();

	constructor(commits: GroupCommit) {
		this.commits = commits;
	}

	has(id: string): boolean {
		return this.changes.has(id);
	}

	/** Called by a change while it runs: holds the id until the disk has the change. `onDurable` runs then. */
	hold(id: string, onDurable: () => void): void {
		this.changes.set(id, (this.changes.get(id) ?? 0) + 1);
		const end = (): void => {
			const left = (this.changes.get(id) ?? 1) - 1;
			if (left > 0) this.changes.set(id, left);
			else this.changes.delete(id);
		};
		this.commits.onceDurable(() => {
			end();
			onDurable();
		}, end);
	}
}
