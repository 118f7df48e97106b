import type { TransportFailure } from '@sureping/engine';

/** The variables from which curl and others take a proxy. */
const VARIABLES = [
	'HTTPS_PROXY',
	'https_proxy',
	'HTTP_PROXY',
	'http_proxy',
	'ALL_PROXY',
	'all_proxy',
];

/**
 * Adds a note on the environment's proxy variable, which the runner does not use, to a failed connection: the proxy may
 * be the only way out. Names the variable and not its value, which can hold a password.
 */
export function withProxyNote(
	failure: TransportFailure,
	environment: Readonly<Record<string, string | undefined>> = process.env,
): TransportFailure {
	const named = VARIABLES.find((name) => environment[name]);
	if (named === undefined) return failure;
	const note = `; the runner connects directly and does not use the proxy that ${named} names`;
	return { ...failure, detail: failure.detail + note };
}
