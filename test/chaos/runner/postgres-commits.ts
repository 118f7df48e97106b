import pg from 'pg';

/** The kind of the commit under way, as far as its caller named it. */
export interface StatementWatch<Kind> {
	/** On whose behalf this code runs; undefined when nobody watches. */
	asking(): Kind | undefined;
	beforeCommit(kind: Kind): void;
	afterCommit(kind: Kind): void;
}

/** A statement outside of a transaction that writes is its own commit. */
const WRITE = /^\s*(INSERT|UPDATE|DELETE|WITH)\b/;

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

/**
 * Puts a hand on the PostgreSQL client itself, below everything that is under test: sees a commit just before it is sent,
 * with the transaction's statements on their way already, and just after it was answered, before anybody knows.
 */
export function watchPostgres<Kind>(watch: StatementWatch<Kind>): void {
	const inTransaction = new WeakSet<pg.Client>();
	// One of many overloads; the arguments are handed on as they come.
	const query = pg.Client.prototype.query as Query;
	const watched: Query = function (...args) {
		const text = textOf(args[0]);
		if (text.startsWith('BEGIN')) inTransaction.add(this);
		const isCommit = inTransaction.has(this) ? text === 'COMMIT' : WRITE.test(text);
		if (text === 'COMMIT' || text === 'ROLLBACK') inTransaction.delete(this);
		const kind = isCommit ? watch.asking() : undefined;
		if (kind === undefined) return query.apply(this, args);
		watch.beforeCommit(kind);
		const last = args.at(-1);
		if (typeof last !== 'function') {
			const answer = query.apply(this, args);
			// Without a callback a client answers by a promise.
			return (answer as Promise<unknown>).then((result) => {
				watch.afterCommit(kind);
				return result;
			});
		}
		return query.apply(this, [
			...args.slice(0, -1),
			(...answer: readonly unknown[]): unknown => {
				if (!answer[0]) watch.afterCommit(kind);
				return Reflect.apply(last, undefined, answer);
			},
		]);
	};
	pg.Client.prototype.query = watched as typeof pg.Client.prototype.query;
}

function textOf(statement: unknown): string {
	if (typeof statement === 'string') return statement;
	if (typeof statement !== 'object' || statement === null) return '';
	return 'text' in statement ? String(statement.text) : '';
}
