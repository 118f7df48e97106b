import type { TransportFailure } from '@sureping/engine';

/** Variables by which curl and others choose a proxy. */
const VARIABLES = [
	'HTTPS_PROXY',
	'https_proxy',
	'HTTP_PROXY',
	'http_proxy',
	'ALL_PROXY',
	'all_proxy',
];

/**
 * Adds a hint to a failed connection if the environment names a proxy: where only that leads out, the operator would
 * look for the fault everywhere else. Names the variable and not its value, which can hold a password.
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
