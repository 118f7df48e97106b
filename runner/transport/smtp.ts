import type { Mailer, MailReply, SmtpServer, TransportFailure } from '@sureping/engine';
import { createTransport } from 'nodemailer';

/** Servers limit what one client may have at once; few allow less. */
const MOST_CONNECTIONS = 5;

/** An unused connection is closed after this; servers must keep one for five minutes (RFC 5321 §4.5.3.2.7). */
const IDLE_MS = 60_000;

export interface SmtpTransport extends Mailer {
	/** Closes what is open. Mails under way are finished first. */
	close(): void;
}

/**
 * Mail over SMTP. Each server has a pool of connections, opened when needed and shared by its mails. The time of a mail
 * counts from here, waiting for a free connection included; when it is up the mail leaves the pool, so that none goes
 * out after its attempt was declared failed.
 */
export function createSmtpTransport({ idleMs = IDLE_MS } = {}): SmtpTransport {
	const pools = new Map<SmtpServer, ReturnType<typeof openPool>>();
	const poolOf = (server: SmtpServer): ReturnType<typeof openPool> => {
		const pool = pools.get(server) ?? openPool(server, idleMs);
		pools.set(server, pool);
		return pool;
	};
	return {
		async send(mail, server, timeoutMs) {
			const signal = AbortSignal.timeout(timeoutMs);
			try {
				const { response } = await poolOf(server).sendMail({ ...mail, signal });
				return replyOf(response);
			} catch (error) {
				return explain(error, server, timeoutMs);
			}
		},
		async verify(server, timeoutMs) {
			const once = createTransport({
				...optionsOf(server),
				connectionTimeout: timeoutMs,
				greetingTimeout: timeoutMs,
				socketTimeout: timeoutMs,
				dnsTimeout: timeoutMs,
			});
			try {
				await once.verify();
				return { status: 250, text: '' };
			} catch (error) {
				return explain(error, server, timeoutMs);
			} finally {
				once.close();
			}
		},
		close() {
			for (const pool of pools.values()) pool.close();
			pools.clear();
		},
	};
}

function openPool(server: SmtpServer, idleTimeout: number) {
	return createTransport({
		...optionsOf(server),
		pool: true,
		maxConnections: MOST_CONNECTIONS,
		idleTimeout,
		// Only what was not sent at all is put in the queue again: the server closed a connection that had been idle.
		maxRequeues: 2,
	});
}

function optionsOf({ host, port, secure, user, pass, tls, dkim }: SmtpServer) {
	return {
		host,
		port,
		secure,
		requireTLS: tls.required,
		tls: {
			rejectUnauthorized: tls.rejectUnauthorized,
			...(tls.ca === undefined ? {} : { ca: tls.ca }),
			...(tls.servername === undefined ? {} : { servername: tls.servername }),
		},
		...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
		...(dkim === undefined
			? {}
			: {
					dkim: {
						domainName: dkim.domain,
						keySelector: dkim.selector,
						privateKey: dkim.privateKey,
					},
				}),
		disableFileAccess: true,
		disableUrlAccess: true,
	};
}

/** What the codes of Node and OpenSSL mean to the person who wrote the configuration. */
const CAUSES: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the host name is not known',
	CERT_HAS_EXPIRED: 'its TLS certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT:
		'its TLS certificate is self-signed; give it as smtp.tls.ca to trust it',
	SELF_SIGNED_CERT_IN_CHAIN:
		'its TLS certificate is from an unknown authority; give that as smtp.tls.ca to trust it',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		'its TLS certificate is from an unknown authority; give that as smtp.tls.ca to trust it',
	ERR_TLS_CERT_ALTNAME_INVALID:
		'its TLS certificate is for another host; give that name as smtp.tls.servername',
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not start with TLS; set smtp.secure to false',
};

/** Nodemailer's errors carry what the server said and what the system's own code was. */
interface SmtpError {
	readonly code?: unknown;
	readonly originalCode?: unknown;
	readonly responseCode?: unknown;
	readonly response?: unknown;
}

/** A refusal by the server is its reply; everything else is told by a code, since texts of the stack hold addresses. */
function explain(
	error: unknown,
	{ tls }: SmtpServer,
	timeoutMs: number,
): MailReply | TransportFailure {
	const { code, originalCode, responseCode, response }: SmtpError =
		typeof error === 'object' && error !== null ? error : {};
	if (code === 'EABORT' || code === 'ETIMEDOUT') {
		return { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` };
	}
	if (code === 'ETLS' && tls.required && typeof responseCode === 'number') {
		const detail = 'it offers no encryption; set smtp.tls.required to false to send without';
		return { failure: 'connection', detail };
	}
	if (typeof responseCode === 'number' && code !== 'ETLS') {
		return { status: responseCode, text: oneLine(response) };
	}
	const cause = typeof originalCode === 'string' ? originalCode : code;
	const detail = typeof cause === 'string' ? (CAUSES[cause] ?? cause) : 'no answer';
	return { failure: 'connection', detail };
}

function replyOf(response: string): MailReply {
	const status = Number.parseInt(response, 10);
	return { status: Number.isNaN(status) ? 250 : status, text: oneLine(response) };
}

/** The reply's text without its code, as far as a message has room for it. */
function oneLine(response: unknown): string {
	return typeof response === 'string'
		? response
				.replace(/\s+/g, ' ')
				.trim()
				.slice(0, 300)
				.replace(/^\d{3}[ -]?/, '')
		: '';
}
