import { DatabaseError } from 'pg';
import { StoreUnavailable } from '../../contract/errors.ts';

/**
 * Classes and codes of SQLSTATE which mean that the server cannot work now, whatever the statement
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const NOT_NOW = [
	'08', // connection exceptions
	'53', // insufficient resources: disk, memory, connections
	'55P03', // a lock was not available in time
	'57014', // the statement took too long, or an operator ended it
	'57P', // shutdown, crash, still starting
	'58', // system errors: a disk that fails
	'25006', // read only: a standby that was the primary until just now
	'25P03', // its transaction was idle for too long and was ended
];

/**
 * The server refuses the login or the database. While a runner runs this is expected to be temporary, such as a change
 * of the password.
 */
const NOT_LET_IN = ['28', '3D000'];

/** Errors that the next try of the same transaction may not meet. */
const REPEATABLE = [
	'40001', // serialization failure
	'40P01', // deadlock
	'22012', // division by zero: the guard of `publishAtOnce`
];

/**
 * True while the server cannot be used. Errors without a SQLSTATE come from the connection: refused, reset, timed out,
 * not resolved.
 */
export function isUnavailable(error: unknown): boolean {
	const state = sqlState(error);
	return state === undefined || isOf([...NOT_NOW, ...NOT_LET_IN], state);
}

/**
 * True if the user, the password or the database is wrong, so that waiting at the start would not help. Takes the cause
 * of a `StoreUnavailable`.
 */
export function isRefusal(error: unknown): boolean {
	return isOf(NOT_LET_IN, sqlState(error) ?? '');
}

export function isRepeatable(error: unknown): boolean {
	return REPEATABLE.includes(sqlState(error) ?? '');
}

/** True if a statement waited for a lock longer than the `lock_timeout` of its transaction. */
export function isLockTimeout(error: unknown): boolean {
	return error instanceof StoreUnavailable && sqlState(error.cause) === '55P03';
}

/** True if a statement named a table that is not there (`undefined_table`). */
export function isUnknownTable(error: unknown): boolean {
	return sqlState(error) === '42P01';
}

/** True if there was no answer at all in time: https://node-postgres.com/apis/client (`query_timeout`). */
export function isSilence(error: unknown): boolean {
	return error instanceof Error && error.message === 'Query read timeout';
}

export function sqlState(error: unknown): string | undefined {
	return error instanceof DatabaseError ? (error.code ?? 'XX000') : undefined;
}

/**
 * The reason of a failed connection, without anything that a driver attaches to it, such as the address with its
 * password.
 */
export function connectionReason(error: unknown): string {
	if (typeof error !== 'object' || error === null) return 'unknown';
	if ('errors' in error && Array.isArray(error.errors)) {
		return error.errors.map(connectionReason).join(', ');
	}
	if ('cause' in error && error.cause !== undefined) return connectionReason(error.cause);
	return 'message' in error ? String(error.message) : 'unknown';
}

const isOf = (starts: readonly string[], state: string): boolean =>
	starts.some((start) => state.startsWith(start));
