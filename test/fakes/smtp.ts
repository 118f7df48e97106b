import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Certificate } from '../support/self-signed.ts';

export interface ReceivedMail {
	readonly at: number;
	/** The envelope: MAIL FROM and RCPT TO. */
	readonly from: string;
	readonly to: readonly string[];
	/** Headers, blank line and body as they came. */
	readonly raw: string;
	readonly encrypted: boolean;
}

/** A refusal, with an enhanced code in front of its text: `{ code: 550, text: '5.1.1 No such user' }`. */
export interface SmtpRefusal {
	readonly code: number;
	readonly text: string;
}

export interface FakeSmtp {
	readonly host: string;
	readonly port: number;
	/** Connections that were made so far, and those that are open. */
	readonly connections: { readonly made: number; readonly open: number };
	/** Newest last; never more than `MOST_MAILS`. */
	readonly mails: readonly ReceivedMail[];
	/** Refuses every mail to this address. */
	refuse(address: string, refusal: SmtpRefusal): void;
	/** Queues refusals for the next recipients, in order, whoever they are; `ok` accepts, `hang` never answers. */
	answer(...next: (SmtpRefusal | 'ok' | 'hang')[]): void;
	/** Drops the connections that are open, as a server does with idle ones. */
	drop(): void;
	/** Resolves once this many mails in all were accepted. */
	received(count: number): Promise<void>;
	close(): Promise<void>;
}

const MOST_MAILS = 5_000;

function refusalError({ code, text }: SmtpRefusal): Error {
	return Object.assign(new Error(text), { responseCode: code });
}

export interface SmtpRules {
	readonly auth?: { readonly user: string; readonly pass: string };
	/** `none` unless given: STARTTLS when asked for, or TLS from the first byte. */
	readonly tls?: { readonly mode: 'starttls' | 'implicit' } & Certificate;
	/** Quotes the login in its refusal, as a careless server may. */
	readonly quotesLogin?: true;
}

/**
 * A mail server on a free port of 127.0.0.1. With `auth` it demands a login: none is answered 530, a wrong one 535 5.7.8
 * (RFC 4954 §4 and §6).
 */
export async function startSmtp({ auth, tls, quotesLogin }: SmtpRules = {}): Promise<FakeSmtp> {
	const mails: ReceivedMail[] = [];
	const refused = new Map<string, SmtpRefusal>();
	const scripted: (SmtpRefusal | 'ok' | 'hang')[] = [];
	const waiting: { count: number; resolve: () => void }[] = [];
	let total = 0;

	const server = new SMTPServer({
		authOptional: auth === undefined,
		allowInsecureAuth: true,
		...(tls ? { key: tls.key, cert: tls.cert, secure: tls.mode === 'implicit' } : {}),
		disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(auth ? [] : ['AUTH'])],
		disableReverseLookup: true,
		closeTimeout: 100,
		onAuth({ username, password }, _session, done) {
			if (username === auth?.user && password === auth?.pass) done(null, { user: username });
			else {
				const quoted = quotesLogin ? ` (${username}, ${password})` : '';
				done(refusalError({ code: 535, text: `5.7.8 Credentials invalid${quoted}` }));
			}
		},
		onRcptTo({ address }, _session, done) {
			const next = scripted.shift() ?? refused.get(address) ?? 'ok';
			if (next !== 'hang') done(next === 'ok' ? null : refusalError(next));
		},
		onData(stream, { envelope, secure }, done) {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				mails.push({
					at: Date.now(),
					from: envelope.mailFrom ? envelope.mailFrom.address : '',
					to: envelope.rcptTo.map(({ address }) => address),
					raw: Buffer.concat(chunks).toString('utf8'),
					encrypted: secure,
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
	const sockets = new Set<Socket>();
	let made = 0;
	server.server.on('connection', (socket: Socket) => {
		made++;
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	const { port } = server.server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.

	return {
		host: '127.0.0.1',
		port,
		get connections() {
			return { made, open: sockets.size };
		},
		mails,
		drop() {
			for (const socket of sockets) socket.destroy();
		},
		refuse: (address, refusal) => void refused.set(address, refusal),
		answer: (...next) => void scripted.push(...next),
		received: (count) =>
			total >= count
				? Promise.resolve()
				: new Promise((resolve) => waiting.push({ count, resolve })),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
}
