import type { Reports } from '../../contract/reports.ts';
import { takeInParts } from '../../rules/report-batches.ts';
import type { Scope } from '../scope.ts';
import { listReports, readReport } from './rows.ts';
import { forward, forwardDueReports, takeReports } from './take.ts';
import { useToken } from './tokens.ts';

export function createReports(scope: Scope): Reports {
	const { sql, commits, reader } = scope;
	return {
		take: (reports, intake) =>
			takeInParts(reports, (some) => commits.run(() => takeReports(scope, intake, some))),
		forwardDue: () => commits.run(() => forwardDueReports(scope)),
		forward: (id) =>
			commits.run(() => {
				const report = readReport(sql, id);
				if (report?.state === 'unmatched') forward(scope, report);
				return report?.state;
			}),
		get: async (id) => readReport(sql, id),
		list: (filter, page) => listReports(reader, filter, page),
		useToken: (provider, token) => commits.run(() => useToken(sql, provider, token, scope.now())),
	};
}
