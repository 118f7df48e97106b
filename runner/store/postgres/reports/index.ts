import type { Reports, TakenReports } from '../../contract/reports.ts';
import { REPORTS_TOGETHER, sumOf } from '../../rules/report-batches.ts';
import type { Scope } from '../scope.ts';
import { listReports, readReport } from './rows.ts';
import { forwardDueReports, forwardReport, takeReports } from './take.ts';
import { useToken } from './tokens.ts';

export function createReports(scope: Scope): Reports {
	const { database } = scope;
	return {
		async take(reports, intake) {
			const parts: TakenReports[] = [];
			for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
				const some = reports.slice(i, i + REPORTS_TOGETHER);
				parts.push(await takeReports(scope, intake, some));
			}
			return sumOf(parts);
		},
		forwardDue: () => database.transaction((sql) => forwardDueReports(sql, scope)),
		forward: (id) => database.transaction((sql) => forwardReport(sql, scope, id)),
		get: (id) => readReport(database, id),
		list: (filter, page) => listReports(database, filter, page),
		useToken: (provider, token) => useToken(database, provider, token, scope.now()),
	};
}
