import type { Reports, TakenReports } from '../../contract/reports.ts';
import { REPORTS_TOGETHER, sumOf } from '../../rules/report-batches.ts';
import type { Scope } from '../scope.ts';
import { listReports, readReport } from './rows.ts';
import { forward, forwardDueReports, takeReports } from './take.ts';
import { useToken } from './tokens.ts';

export function createReports(scope: Scope): Reports {
	const { sql, commits, reader } = scope;
	return {
		async take(reports, intake) {
			const parts: TakenReports[] = [];
			for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
				const some = reports.slice(i, i + REPORTS_TOGETHER);
				parts.push(await commits.run(() => takeReports(scope, intake, some)));
			}
			return sumOf(parts);
		},
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
