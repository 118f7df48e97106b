import type { GroupCommit } from './group-commit.ts';
import type { Statements } from './statements.ts';

/** Writes something. Rejects when the store cannot. */
export function probe({ sql, commits }: { sql: Statements; commits: GroupCommit }): Promise<void> {
	return commits.run(() => {
		sql.run`UPDATE probe SET times = times + 1 WHERE id = 1`;
	});
}
