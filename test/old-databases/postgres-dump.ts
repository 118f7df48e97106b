import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The SQL that makes a PostgreSQL database as it is, by `pg_dump`, for a client that is not `psql`. */
export function dumpPostgres(url: string, native: string): string {
	const options = ['--no-owner', '--no-privileges', '--no-comments', '--inserts'];
	const dump = execFileSync(join(native, 'bin', 'pg_dump'), [...options, '--dbname', url], {
		encoding: 'utf8',
		maxBuffer: 64 * 1024 * 1024,
	});
	const lines = dump.split('\n');
	// Comments, psql's own commands such as `\restrict`, and settings that older servers do not have.
	return lines.filter((line) => line !== '' && !/^(--|\\|SET \w+_timeout)/.test(line)).join('\n');
}
