import type { Endpoint } from '../../contract/endpoints.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Statements } from '../db/statements.ts';
import { readEndpoints } from './rows.ts';

/** All endpoints, in memory: events are matched against them while a transaction is open. */
export class KnownEndpoints {
	private readonly sql: Statements;
	private readonly commits: GroupCommit;
	private endpoints: readonly Endpoint[];

	constructor(sql: Statements, commits: GroupCommit) {
		this.sql = sql;
		this.commits = commits;
		this.endpoints = readEndpoints(sql);
	}

	get all(): readonly Endpoint[] {
		return this.endpoints;
	}

	find(id: string): Endpoint | undefined {
		return this.endpoints.find((one) => one.id === id);
	}

	/** Reads the endpoints as the open transaction has them. */
	reread(): readonly Endpoint[] {
		this.endpoints = readEndpoints(this.sql);
		return this.endpoints;
	}

	/** Commits a change of endpoints. Events later in the same group already meet the new ones. */
	async change<T>(change: () => T): Promise<T> {
		try {
			return await this.commits.run(() => {
				const result = change();
				this.reread();
				return result;
			});
		} catch (error) {
			this.reread();
			throw error;
		}
	}
}
