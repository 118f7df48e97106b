import type { Reports } from '../../contract/reports.ts';
import { takeInParts } from '../../rules/report-batches.ts';
import type { Transaction } from '../db/database.ts';
import type { Scope } from '../scope.ts';
import { listReports, readReport } from './rows.ts';
import { forwardDueReports, forwardReport, takeReports } from './take.ts';
import { useToken } from './tokens.ts';

export function createReports(scope: Scope): Reports {
	const { database, signals } = scope;
	/** Forwarded reports are owed as webhooks. */
	const forwarding = async <T>(work: (sql: Transaction) => Promise<T>): Promise<T> => {
		const result = await database.transaction(work);
		signals.becameDue();
		return result;
	};
	return {
		take: (reports, intake) => takeInParts(reports, (some) => takeReports(scope, intake, some)),
		forwardDue: () => forwarding((sql) => forwardDueReports(sql, scope)),
		forward: (id) => forwarding((sql) => forwardReport(sql, scope, id)),
		get: (id) => readReport(database, id),
		list: (filter, page) => listReports(database, filter, page),
		useToken: (provider, token) => useToken(database, provider, token, scope.now()),
	};
}
