export const NOTHING_LISTENS = 'nothing listens there';

/** Codes of Node and OpenSSL for connections that cannot be made (nodejs.org/api/errors.html). */
const REASONS: Readonly<Record<string, string>> = {
	ECONNREFUSED: NOTHING_LISTENS,
	ENOTFOUND: 'its host name is not known here',
	EAI_AGAIN: 'its host name cannot be looked up now',
	ECONNRESET: 'the connection was closed before the answer',
	UND_ERR_SOCKET: 'the connection was closed before the answer',
	ETIMEDOUT: 'the connection took too long',
	UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
	EHOSTUNREACH: 'its network cannot be reached',
	ENETUNREACH: 'its network cannot be reached',
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; try http:// instead of https://',
	ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; try http:// instead of https://',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; NODE_EXTRA_CA_CERTS can add its CA',
	SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; NODE_EXTRA_CA_CERTS can add its CA',
	CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** The reason why there is no connection, in words; undefined for another error. */
export function networkReason(error: unknown): string | undefined {
	const { code, message } = Object(error) as { code?: unknown; message?: unknown };
	// The message of fetch for a port that browsers do not call (WHATWG Fetch, "bad port").
	return (
		REASONS[String(code)] ??
		(message === 'bad port' ? 'its port is not allowed for HTTP' : undefined)
	);
}
