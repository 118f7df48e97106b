import {
	firstCharacters,
	type MailReply,
	type MailStage,
	type SmtpServer,
	type TransportFailure,
} from '@sureping/engine';
import { localFault } from '../local-fault.ts';
import { NoSmtpUtf8, TimedOut } from './session.ts';

/** Fields of Nodemailer's errors: the server's reply, the command that it answers, and the system's own code. */
interface SmtpError {
	readonly code?: unknown;
	readonly originalCode?: unknown;
	readonly responseCode?: unknown;
	readonly response?: unknown;
	readonly command?: unknown;
}

const detailsOf = (error: unknown): SmtpError =>
	typeof error === 'object' && error !== null ? error : {};

/** True if the connection ended, with 421 (RFC 5321 §3.8) or silently, and not because of a mail. */
export function isGoodbye(error: unknown): boolean {
	const { responseCode } = detailsOf(error);
	return typeof responseCode !== 'number' || responseCode === 421;
}

/**
 * True if the server accepts no further connection from this host: 421 in place of a greeting (RFC 5321 §3.8), as
 * Postfix does beyond smtpd_client_connection_count_limit and Exim beyond smtp_accept_max_per_host, or 4xx where its
 * text says so.
 */
export function isConnectionLimit(error: unknown): boolean {
	const { responseCode, response } = detailsOf(error);
	if (typeof responseCode !== 'number' || stageOf(error) !== 'connect') return false;
	if (responseCode === 421) return true;
	return responseCode >= 400 && responseCode < 500 && /connection/i.test(String(response));
}

const CUT_OFF: ReadonlySet<unknown> = new Set([
	'ECONNRESET',
	'ECONNREFUSED',
	'EPIPE',
	'ECONNECTION',
]);

/** True if a connection was refused or silently closed, as firewalls do beyond a limit (iptables' connlimit). */
export function isCutOff(error: unknown): boolean {
	const { code, originalCode, responseCode } = detailsOf(error);
	return typeof responseCode !== 'number' && CUT_OFF.has(originalCode ?? code);
}

/** Stage of a mail, by the first word of the command that was answered. */
const STAGES: Readonly<Record<string, MailStage>> = {
	CONN: 'connect',
	EHLO: 'connect',
	HELO: 'connect',
	LHLO: 'connect',
	STARTTLS: 'tls',
	AUTH: 'auth',
	MAIL: 'mail',
	RCPT: 'rcpt',
	DATA: 'data',
};

function stageOf(error: unknown): MailStage | undefined {
	const { command } = detailsOf(error);
	const [word = ''] = typeof command === 'string' ? command.split(' ') : [];
	return Object.hasOwn(STAGES, word) ? STAGES[word] : undefined;
}

/** Meaning of the codes of Node and OpenSSL, for the person who wrote the config. */
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

const UNSUPPORTED = {
	recipient: 'unsupported_recipient',
	sender: 'unsupported_sender',
} as const;

/**
 * A refusal by the server is its reply; any other failure is a code, since texts of the network stack hold addresses.
 */
export function explain(
	error: unknown,
	{ tls }: SmtpServer,
	timeoutMs: number,
): MailReply | TransportFailure {
	if (error instanceof TimedOut)
		return { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` };
	if (error instanceof NoSmtpUtf8) {
		const detail = `The mail server does not take addresses with letters outside ASCII before the @ (it offers no SMTPUTF8), and that of the ${error.whose} has one`;
		return { failure: UNSUPPORTED[error.whose], detail };
	}
	const ours = localFault(error);
	if (ours) return ours;
	const { code, originalCode, responseCode, response } = detailsOf(error);
	if (code === 'ETIMEDOUT' || originalCode === 'ETIMEDOUT') {
		return { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` };
	}
	if (code === 'ETLS' && tls.required && typeof responseCode === 'number') {
		const detail = 'it offers no encryption; set smtp.tls.required to false to send without';
		return { failure: 'connection', detail };
	}
	if (typeof responseCode === 'number' && code !== 'ETLS') {
		return { status: responseCode, text: oneLine(response), stage: stageOf(error) };
	}
	const cause = typeof originalCode === 'string' ? originalCode : code;
	const detail = typeof cause === 'string' ? (CAUSES[cause] ?? cause) : 'no answer';
	return { failure: 'connection', detail };
}

/** The reply of a server that took the mail. */
export function replyOf(response: string): MailReply {
	const status = Number.parseInt(response, 10);
	return { status: Number.isNaN(status) ? 250 : status, text: oneLine(response), stage: 'data' };
}

/** The reply's text without its code, cut to the room of a message. */
function oneLine(response: unknown): string {
	if (typeof response !== 'string') return '';
	const line = response.replace(/\s+/g, ' ').trim();
	return firstCharacters(line, 300).replace(/^\d{3}[ -]?/, '');
}
