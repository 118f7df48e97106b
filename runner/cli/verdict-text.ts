import { type Explanation, type Received, REJECTION_REASONS } from '@sureping/engine';
import { table } from './output.ts';

export type Verdict =
	| Extract<Received, { ok: true }>
	| (Extract<Received, { ok: false }> & { readonly explanation: Explanation });

/** The verdict on a webhook as text for a terminal. */
export function verdictText(verdict: Verdict): string {
	return verdict.ok ? genuine(verdict) : refused(verdict);
}

function genuine({ events }: Extract<Verdict, { ok: true }>): string {
	const rows = events.map(({ type, notificationId, channel = '', status }) => [
		`  ${type}`,
		notificationId,
		channel,
		status,
	]);
	return `Genuine\n\n${table(rows).join('\n')}`;
}

function refused({ reason, explanation }: Extract<Verdict, { ok: false }>): string {
	const { rule, documentation, expected, received, mistakes } = explanation;
	const facts = table([
		['  rule', rule],
		['  see', documentation],
		['  expected', expected],
		['  received', received],
	]);
	const causes = mistakes.map(({ message }) => `  - ${message}`).join('\n');
	return [
		`Refused: ${REJECTION_REASONS[reason]} (${reason})`,
		facts.join('\n'),
		...(causes ? [`This would explain it:\n${causes}`] : []),
	].join('\n\n');
}
