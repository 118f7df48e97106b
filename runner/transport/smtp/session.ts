import type { SmtpServer } from '@sureping/engine';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Deadline } from '../deadline.ts';
import type { Composed } from './composer.ts';
import { greetingName } from './greeting-name.ts';

/** The timeout passed before the server answered. */
export class TimedOut extends Error {
	override readonly name = 'TimedOut';
}

/** The server cannot carry an address with letters outside ASCII (RFC 6531). */
export class NoSmtpUtf8 extends Error {
	override readonly name = 'NoSmtpUtf8';
	readonly whose: 'sender' | 'recipient';

	constructor(whose: NoSmtpUtf8['whose']) {
		super(whose);
		this.whose = whose;
	}
}

const NOT_ASCII = /[^\p{ASCII}]/u;

/** One connection to a mail server, from its greeting to its end, for one mail after the other. */
export class Session {
	private readonly connection: SMTPConnection;
	private readonly takesUtf8: boolean;
	private readonly failed: Promise<never>;
	/** Mails sent over it. */
	mails = 0;
	/** Mails in a row, up to now, that the server refused. */
	refusals = 0;

	private constructor(connection: SMTPConnection, takesUtf8: boolean, failed: Promise<never>) {
		this.connection = connection;
		this.takesUtf8 = takesUtf8;
		this.failed = failed;
	}

	/** Connects, encrypts and logs in. */
	static async open(server: SmtpServer, timeoutMs: number): Promise<Session> {
		const connection = new SMTPConnection(optionsOf(server, timeoutMs));
		// Without a listener, an error on an idle connection would end the process.
		const failed = new Promise<never>((_, reject) => {
			connection.on('error', reject);
			// The first error is the cause; later ones follow from it.
			connection.once('end', () => setImmediate(() => reject(new Closed())));
		});
		failed.catch(() => undefined);
		const opening = async (): Promise<Session> => {
			await answered((done) => connection.connect(done));
			// The answer to EHLO, after STARTTLS to the one that counts.
			const takesUtf8 = /^250[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse));
			const { user, pass = '' } = server;
			if (user !== undefined && connection.allowsAuth) {
				await answered((done) => connection.login({ credentials: { user, pass } }, done));
			}
			return new Session(connection, takesUtf8, failed);
		};
		try {
			return await within(timeoutMs, [opening(), failed]);
		} catch (error) {
			connection.close();
			throw error;
		}
	}

	get isOpen(): boolean {
		return !this.connection.destroyed;
	}

	/** Calls back once, when it has ended for whatever reason. */
	onEnd(ended: () => void): void {
		this.failed.catch(ended);
	}

	/** Sends a mail and returns the server's answer. Throws what the server refuses, and any error on the way. */
	async send(mail: Composed, timeoutMs: number): Promise<string> {
		if (!this.takesUtf8) {
			if (mail.to.some((address) => NOT_ASCII.test(address))) throw new NoSmtpUtf8('recipient');
			if (NOT_ASCII.test(mail.from)) throw new NoSmtpUtf8('sender');
		}
		this.mails++;
		const stream = mail.open();
		const { from, to } = mail;
		const sent = answered<{ response: string }>((done) =>
			this.connection.send({ from, to: [...to] }, stream, done),
		);
		try {
			const { response } = await within(timeoutMs, [sent, this.failed]);
			this.refusals = 0;
			return response;
		} catch (error) {
			this.refusals++;
			// So that nothing of the mail is sent after it was declared failed.
			if (error instanceof TimedOut) this.close();
			throw Object.assign(error instanceof Error ? error : new Error('no answer'), {
				isUnsent: !stream.readableDidRead,
			});
		}
	}

	/** Resets the session after a refused mail, for the next one (RSET, RFC 5321 §4.1.1.5). */
	async reset(timeoutMs: number): Promise<void> {
		try {
			await within(timeoutMs, [answered((done) => this.connection.reset(done)), this.failed]);
		} catch {
			this.close();
		}
	}

	close(): void {
		this.connection.close();
	}

	/** Says goodbye first. */
	quit(): void {
		this.connection.quit();
	}
}

/** The connection ended while nothing was under way. */
class Closed extends Error {
	override readonly name = 'Closed';
	readonly code = 'ECONNECTION';
}

function answered<Answer>(
	start: (done: (error?: Error | null, answer?: Answer) => void) => void,
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		// The types say that there is an answer unless there is an error.
		start((error, answer) => (error ? reject(error) : resolve(answer as Answer)));
	});
}

async function within<Answer>(ms: number, first: readonly Promise<Answer>[]): Promise<Answer> {
	let deadline: Deadline | undefined;
	const late = new Promise<never>((_, reject) => {
		deadline = new Deadline(ms, () => reject(new TimedOut()));
	});
	try {
		return await Promise.race([...first, late]);
	} finally {
		deadline?.clear();
	}
}

function optionsOf(
	{ host, port, secure, tls, name }: SmtpServer,
	timeoutMs: number,
): SMTPConnection.Options {
	return {
		// Sockets take an IPv6 address without the brackets that URLs have.
		host: host.replace(/^\[(.*)\]$/, '$1'),
		port,
		secure,
		name: greetingName(name),
		requireTLS: tls.required,
		tls: {
			rejectUnauthorized: tls.rejectUnauthorized,
			...(tls.ca === undefined ? {} : { ca: tls.ca }),
			...(tls.servername === undefined ? {} : { servername: tls.servername }),
		},
		// Later than our own deadlines, which know when this process did not run.
		connectionTimeout: 3 * timeoutMs,
		greetingTimeout: 3 * timeoutMs,
		dnsTimeout: 3 * timeoutMs,
	};
}
