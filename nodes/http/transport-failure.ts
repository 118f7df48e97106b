import type { TransportFailure } from '../../engine/ports.ts';

/** A call that got no answer. */
export interface Unanswered extends TransportFailure {
	/** False when the request never reached the other side for certain, so repeating it cannot act twice. */
	readonly mayHaveArrived: boolean;
}

/** Meanings of the error codes of Node.js, TLS and axios for the user who configured the address. */
const CAUSES: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name could not be looked up',
	EHOSTUNREACH: 'there is no route to the host',
	ENETUNREACH: 'there is no route to the network',
	ECONNRESET: 'the connection was closed before the answer',
	EPIPE: 'the connection was closed before the answer',
	ERR_INVALID_URL: 'the URL is not valid',
	CERT_HAS_EXPIRED: 'its TLS certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'its TLS certificate is self-signed',
	SELF_SIGNED_CERT_IN_CHAIN: 'its TLS certificate is self-signed',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its TLS certificate is not trusted',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another host',
};

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ERR_INVALID_URL',
]);

const TIMEOUTS: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

/**
 * Converts an error of n8n's request helper into a failure of the engine's ports. n8n wraps Node.js's error once or more,
 * and the outer messages can contain the URL, so only codes are read.
 */
export function toTransportFailure(thrown: unknown, timeoutMs: number): Unanswered {
	const chain = causes(thrown);
	if (chain.some(({ name }) => name.startsWith('SsrfBlocked'))) {
		return {
			failure: 'refused_url',
			detail:
				"n8n's SSRF protection does not allow this host; add its name to N8N_SSRF_ALLOWED_HOSTNAMES or its address to N8N_SSRF_ALLOWED_IP_RANGES in the environment of n8n",
			mayHaveArrived: false,
		};
	}
	const code = chain.map((error) => error.code).find((found) => found !== undefined) ?? '';
	if (TIMEOUTS.has(code)) {
		return { failure: 'timeout', detail: `${timeoutMs / 1000} s`, mayHaveArrived: true };
	}
	const detail = CAUSES[code] ?? (code ? `the request ended with ${code}` : 'there was no answer');
	return { failure: 'connection', detail, mayHaveArrived: !NEVER_CONNECTED.has(code) };
}

/** The error and its causes, outermost first. */
function causes(thrown: unknown): { name: string; code: string | undefined }[] {
	if (!(thrown instanceof Error)) return [];
	const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
	return [{ name: thrown.name, code }, ...causes(thrown.cause)];
}
