import type { TransportFailure } from '@sureping/engine';

/** What curl and others take a proxy from. */
const VARIABLES = [
	'HTTPS_PROXY',
	'https_proxy',
	'HTTP_PROXY',
	'http_proxy',
	'ALL_PROXY',
	'all_proxy',
];

/**
 * A connection that cannot be made, with a word on the proxy that the environment names: where only that leads out, its
 * owner would look for the fault everywhere else. The variable is named and not its value, which can hold a password.
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
