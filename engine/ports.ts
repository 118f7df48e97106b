/** The ports that a host supplies. The engine itself reads no clock, opens no socket and draws no random number. */

export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Resolves after `ms` milliseconds. */
	sleep(ms: number): Promise<void>;
}

/** A number in [0, 1), as `Math.random` gives. */
export type Random = () => number;

export interface HttpRequest {
	readonly method: 'GET' | 'PATCH' | 'POST';
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
	/** Milliseconds for the whole exchange, connecting included. */
	readonly timeoutMs: number;
	/** Bytes of the answer's body that are wanted, where they are more than a host reads by itself. */
	readonly maxBodyBytes?: number;
	/** Ends the exchange early, with a `timeout`. A host may ignore it. */
	readonly signal?: AbortSignal;
}

export interface HttpReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	/** Text; a host may cut it off after 64 KiB, or after `maxBodyBytes`. */
	readonly body: string;
}

/**
 * The reason for which an exchange did not end in an answer. `timeout` and `connection` are faults of the other side;
 * the others are not:
 * - `exhausted`: this host is out of files, ports or memory. Nothing was sent.
 * - `offline`: this host cannot reach the other side: its resolver, its network or its firewall failed. Nothing was
 *   sent.
 * - `refused_url`: a URL that must not be called.
 * - `unsupported_recipient`, `unsupported_sender`: an address that this mail server cannot carry. Nothing was sent.
 */
export type FailureKind =
	| 'timeout'
	| 'connection'
	| 'exhausted'
	| 'offline'
	| 'refused_url'
	| 'unsupported_recipient'
	| 'unsupported_sender';

/** The exchange did not end in an answer. `detail` names no secret and no full URL. */
export interface TransportFailure {
	readonly failure: FailureKind;
	readonly detail: string;
}

/** Sends one request and never follows a redirect. Resolves also when the exchange fails. */
export type HttpClient = (request: HttpRequest) => Promise<HttpReply | TransportFailure>;

/** Verification of a mail server's certificate. */
export interface TlsRules {
	/** Refuse to go on without encryption where the server offers no STARTTLS. */
	readonly required: boolean;
	/** False takes any certificate. */
	readonly rejectUnauthorized: boolean;
	/** Certificates (PEM) to trust instead of the public authorities. */
	readonly ca?: string | undefined;
	/** The name that the certificate must be for, where it is not the host. */
	readonly servername?: string | undefined;
}

/** Signs mails (RFC 6376, rsa-sha256) where the mail server does not. */
export interface DkimKey {
	readonly domain: string;
	readonly selector: string;
	/** PEM. */
	readonly privateKey: string;
}

/** The same object for all mails of a connection, so that a host can keep connections open for it. */
export interface SmtpServer {
	readonly host: string;
	readonly port: number;
	/** TLS from the first byte (port 465); otherwise STARTTLS is used when offered. */
	readonly secure: boolean;
	readonly user?: string | undefined;
	readonly pass?: string | undefined;
	readonly tls: TlsRules;
	/** The host's name in EHLO; by default its own host name. */
	readonly name?: string | undefined;
	/** Connections that may be open at once. */
	readonly connections: number;
	readonly dkim?: DkimKey | undefined;
}

export interface Mail {
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	/** The same over all attempts of a delivery, so that mail systems can drop a repeat. */
	readonly messageId: string;
}

/** The step of an SMTP session that a reply answers (RFC 5321 §3). `connect` is the greeting and EHLO. */
export type MailStage = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data';

/** An SMTP server's word: its reply code and text (RFC 5321 §4.2), accepted when 2xx. */
export interface MailReply {
	readonly status: number;
	readonly text: string;
	/** Undefined where the host does not know it. */
	readonly stage?: MailStage | undefined;
}

/**
 * `timeoutMs` is for making a connection, and then for the mail; waiting for a free connection does not count. A mail whose
 * time is up is not sent later.
 */
export interface Mailer {
	send(mail: Mail, server: SmtpServer, timeoutMs: number): Promise<MailReply | TransportFailure>;
	/** Connects, encrypts and logs in, and sends nothing. */
	verify(server: SmtpServer, timeoutMs: number): Promise<MailReply | TransportFailure>;
}

/** Shows a message where the host's output goes. */
export type Console = (line: string) => void;

/** The abilities of a host. A channel that needs a missing one is not offered there. */
export interface Transports {
	readonly http?: HttpClient;
	readonly smtp?: Mailer;
	readonly console?: Console;
}

export type Capability = keyof Transports;
