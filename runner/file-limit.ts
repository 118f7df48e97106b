import { readFileSync } from 'node:fs';

/** Enough for the attempts and webhooks under way, as many API requests, and the database. */
const ENOUGH_FILES = 1_024;

/**
 * Files and sockets that this process may have open; undefined where the system does not say. Node has raised the soft
 * limit to the hard one by then.
 */
export function fileLimit(read = (): string => readFileSync('/proc/self/limits', 'utf8')) {
	try {
		const found = /^Max open files\s+(\d+)/m.exec(read())?.[1];
		return found === undefined ? undefined : Number(found);
	} catch {
		return undefined;
	}
}

/** A warning for the operator when the limit is lower than what the runner can use at once. */
export function refuseFileLimit(limit: number | undefined): string | undefined {
	return limit === undefined || limit >= ENOUGH_FILES
		? undefined
		: `only ${limit} files and sockets may be open at once, so sends and webhooks may have to wait; raise the limit to ${ENOUGH_FILES} or more (ulimit -n, LimitNOFILE, --ulimit nofile)`;
}
