import { DatabaseError } from 'pg';

/**
 * Classes and codes of SQLSTATE that say nothing about the statement, but that the server cannot work now
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const NOT_NOW = [
	'08', // connection exceptions
	'53', // insufficient resources: disk, memory, connections
	'55P03', // a lock was not to be had in time
	'57014', // the statement took too long, or an operator ended it
	'57P', // shutdown, crash, still starting
	'58', // system errors: a disk that fails
	'25006', // read only: a standby that was the primary until just now
	'25P03', // its transaction stood still for too long and was ended
];

/** The server does not let us in, or not to this database. While a runner runs, somebody is changing that. */
const NOT_LET_IN = ['28', '3D000'];

/** What the next try of the same transaction may not meet. */
const REPEATABLE = [
	'40001', // serialization failure
	'40P01', // deadlock
	'22012', // division by zero: the guard of `publishAtOnce`
];

/** Errors without a SQLSTATE come from the connection itself: refused, reset, timed out, not resolved. */
export function isUnavailable(error: unknown): boolean {
	const state = sqlState(error);
	return state === undefined || isOf([...NOT_NOW, ...NOT_LET_IN], state);
}

/** The user, the password or the database is wrong: for who starts, to wait would not help. Of a `StoreUnavailable`, its cause. */
export function isRefusal(error: unknown): boolean {
	return isOf(NOT_LET_IN, sqlState(error) ?? '');
}

export function isRepeatable(error: unknown): boolean {
	return REPEATABLE.includes(sqlState(error) ?? '');
}

/** Nobody answered, neither with rows nor with an error: https://node-postgres.com/apis/client (`query_timeout`). */
export function isSilence(error: unknown): boolean {
	return error instanceof Error && error.message === 'Query read timeout';
}

export function sqlState(error: unknown): string | undefined {
	return error instanceof DatabaseError ? (error.code ?? 'XX000') : undefined;
}

/** What the connection met, without what a driver may attach to it, such as the address with its password. */
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
