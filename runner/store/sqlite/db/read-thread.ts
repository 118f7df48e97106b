// The thread that reads lists: see reader.ts, which starts it. It imports nothing of ours, so that its build is small.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

type Row = ReturnType<StatementSync['all']>[number];

export interface Query {
	readonly sql: string;
	readonly values: readonly SQLInputValue[];
}

/** Queries to answer from one snapshot of the database. */
export interface ReadRequest {
	readonly queries: readonly Query[];
	/** Each query ends with the row that has this many bytes of text together with those before. */
	readonly mostBytes: number;
}

export interface Found {
	readonly rows: readonly Row[];
	/** There was too much text for more rows. */
	readonly isCut: boolean;
}

export type ReadAnswer =
	| { readonly found: readonly Found[] }
	| { readonly error: { readonly message: string; readonly errcode?: number } };

/** WAL readers neither wait for a writer nor keep one waiting (sqlite.org/wal.html). */
function answerFrom(file: string, port: NonNullable<typeof parentPort>): void {
	const db = new DatabaseSync(file, { readOnly: true });
	const prepared = new Map<string, StatementSync>();
	const statement = (sql: string): StatementSync => {
		const known = prepared.get(sql) ?? db.prepare(sql);
		prepared.set(sql, known);
		return known;
	};
	const find = ({ sql, values }: Query, mostBytes: number): Found => {
		const rows: Row[] = [];
		let bytes = 0;
		for (const row of statement(sql).iterate(...values)) {
			rows.push(row);
			for (const value of Object.values(row))
				if (typeof value === 'string') bytes += Buffer.byteLength(value);
			if (bytes >= mostBytes) return { rows, isCut: true };
		}
		return { rows, isCut: false };
	};
	const read = ({ queries, mostBytes }: ReadRequest): readonly Found[] => {
		db.exec('BEGIN');
		try {
			return queries.map((query) => find(query, mostBytes));
		} finally {
			db.exec('COMMIT');
		}
	};
	port.on('message', (request: ReadRequest) => {
		let answer: ReadAnswer;
		try {
			answer = { found: read(request) };
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
			answer = { error: { message, ...(code === undefined ? {} : { errcode: code }) } };
		}
		port.postMessage(answer);
	});
}

// `Reader` passes the path of the file.
if (parentPort) answerFrom(workerData as string, parentPort);
