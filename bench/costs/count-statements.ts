// Loaded before a runner with `--import`: counts the statements that each of its threads runs on SQLite, in a file per
// thread in SUREPING_BENCH_STATEMENTS. The count is written at each statement, so that it can be read at any time.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { threadId } from 'node:worker_threads';

const directory = process.env.SUREPING_BENCH_STATEMENTS ?? '.';
const file = openSync(join(directory, `${process.pid}-${threadId}.count`), 'w');
const count = new BigUint64Array(1);

function counted(prototype: object, name: string): void {
	const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
	if (typeof value !== 'function') throw new Error(`node:sqlite has no ${name}`);
	Object.defineProperty(prototype, name, {
		value(this: unknown, ...args: unknown[]): unknown {
			count[0] = (count[0] ?? 0n) + 1n;
			writeSync(file, count, 0, 8, 0);
			return Reflect.apply(value, this, args);
		},
	});
}

for (const name of ['run', 'get', 'all', 'iterate']) counted(StatementSync.prototype, name);
counted(DatabaseSync.prototype, 'exec');
