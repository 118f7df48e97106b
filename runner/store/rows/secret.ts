import type { SecretName } from '../contract/secrets.ts';
import type { NewRow, Row } from './columns.ts';

/** `now`: milliseconds since 1970. */
export function toSecretRow(name: SecretName, value: Uint8Array, now: number): NewRow {
	return { name, value: Buffer.from(value).toString('base64'), created_at: now };
}

/** The secret of a row that is there: it was inserted in the same transaction, or before. */
export function secretOf(row: Row | undefined): Uint8Array {
	if (row === undefined) throw new Error('The secret was not stored');
	return Buffer.from(String(row.value), 'base64');
}
