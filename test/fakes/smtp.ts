import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
	readonly at: number;
	/** The envelope: MAIL FROM and RCPT TO. */
	readonly from: string;
	readonly to: readonly string[];
	/** Headers, blank line and body as they came. */
	readonly raw: string;
}

/** A refusal, with an enhanced code in front of its text: `{ code: 550, text: '5.1.1 No such user' }`. */
export interface SmtpRefusal {
	readonly code: number;
	readonly text: string;
}

export interface FakeSmtp {
	readonly host: string;
	readonly port: number;
	/** Newest last; never more than `MOST_MAILS`. */
	readonly mails: readonly ReceivedMail[];
	/** Refuses every mail to this address. */
	refuse(address: string, refusal: SmtpRefusal): void;
	/** Queues refusals for the next recipients, in order, whoever they are; `ok` accepts. */
	answer(...next: (SmtpRefusal | 'ok')[]): void;
	/** Resolves once this many mails in all were accepted. */
	received(count: number): Promise<void>;
	close(): Promise<void>;
}

const MOST_MAILS = 5_000;

function refusalError({ code, text }: SmtpRefusal): Error {
	return Object.assign(new Error(text), { responseCode: code });
}

/**
 * A mail server on a free port of 127.0.0.1, without TLS. With `auth` it demands a login: none is answered 530,
 * a wrong one 535 5.7.8 (RFC 4954 §4 and §6).
 */
export async function startSmtp({
	auth,
}: { auth?: { readonly user: string; readonly pass: string } } = {}): Promise<FakeSmtp> {
	const mails: ReceivedMail[] = [];
	const refused = new Map<string, SmtpRefusal>();
	const scripted: (SmtpRefusal | 'ok')[] = [];
	const waiting: { count: number; resolve: () => void }[] = [];
	let total = 0;

	const server = new SMTPServer({
		authOptional: auth === undefined,
		allowInsecureAuth: true,
		disabledCommands: auth ? ['STARTTLS'] : ['STARTTLS', 'AUTH'],
		disableReverseLookup: true,
		closeTimeout: 100,
		onAuth({ username, password }, _session, done) {
			if (username === auth?.user && password === auth?.pass) done(null, { user: username });
			else done(refusalError({ code: 535, text: '5.7.8 Authentication credentials invalid' }));
		},
		onRcptTo({ address }, _session, done) {
			const next = scripted.shift() ?? refused.get(address) ?? 'ok';
			done(next === 'ok' ? null : refusalError(next));
		},
		onData(stream, { envelope }, done) {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				mails.push({
					at: Date.now(),
					from: envelope.mailFrom ? envelope.mailFrom.address : '',
					to: envelope.rcptTo.map(({ address }) => address),
					raw: Buffer.concat(chunks).toString('utf8'),
				});
				if (mails.length > MOST_MAILS) mails.shift();
				total++;
				done(null);
				for (const { resolve } of waiting.filter(({ count }) => count <= total)) resolve();
			});
		},
	});
	// A client that goes away in the middle is no failure of the server.
	server.on('error', () => undefined);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.

	return {
		host: '127.0.0.1',
		port,
		mails,
		refuse: (address, refusal) => void refused.set(address, refusal),
		answer: (...next) => void scripted.push(...next),
		received: (count) =>
			total >= count
				? Promise.resolve()
				: new Promise((resolve) => waiting.push({ count, resolve })),
		close: () => new Promise((resolve) => server.close(() => resolve())),
	};
}
