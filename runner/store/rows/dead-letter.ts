import { firstCharacters } from '@sureping/engine';
import type { DeadLetter, DeadLetterKind } from '../contract/dead-letters.ts';
import { type NewRow, type Row, word } from './columns.ts';

/** Characters of a reason; messages can repeat the text that was being read. */
const LONGEST_REASON = 500;

export function deadLetterRow(
	id: string,
	kind: DeadLetterKind,
	of: string,
	reason: string,
	now: number,
): NewRow {
	return {
		id,
		kind,
		of,
		reason: firstCharacters(reason, LONGEST_REASON).toWellFormed(),
		created_at: now,
	};
}

export function toDeadLetter(row: Row): DeadLetter {
	return {
		id: String(row.id),
		kind: word(row.kind),
		of: String(row.of),
		reason: String(row.reason),
		createdAt: Number(row.created_at),
	};
}
