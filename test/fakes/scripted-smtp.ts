import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The step of a session: `open` is the greeting, `message` what comes after the mail's final dot. */
export const SMTP_STEPS = ['open', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'message'] as const;
export type SmtpStep = (typeof SMTP_STEPS)[number];

export interface ScriptedSmtpRules {
	/** Lines in place of the usual answers, such as `421 4.3.2 Shutting down`. `drop` closes the connection, an empty one is no answer. */
	readonly answers?: Partial<Record<SmtpStep, string>>;
	/** Beyond so many open connections of this host: `421 4.7.0 … too many connections`, as Postfix says it. */
	readonly mostConnections?: number;
	/** Beyond these the connection is closed without a word instead. */
	readonly isSilent?: boolean;
	/** Beyond so many mails over one connection: `421 4.4.2 … timeout exceeded` to the next MAIL. */
	readonly mostMails?: number;
	/** A connection with more errors than these since its last mail is slowed down, as Postfix does; `full@…` is refused. */
	readonly mostErrors?: number;
	/** Milliseconds that it takes to accept a mail. */
	readonly slowMs?: number;
	readonly extensions?: readonly string[];
	readonly host?: string;
}

export interface ScriptedSmtp {
	readonly host: string;
	readonly port: number;
	/** Names that clients gave in EHLO. */
	readonly names: readonly string[];
	/** All commands, in the order in which they came. */
	readonly commands: readonly string[];
	/** Recipients of accepted mails. */
	readonly accepted: readonly string[];
	/** Connections that were refused for their number. */
	readonly refused: number;
	readonly open: number;
	/** Answers to connections with too many errors. */
	readonly slowed: number;
	close(): Promise<void>;
}

const USUAL: Readonly<Record<SmtpStep, string>> = {
	open: '220 mail.test ESMTP',
	ehlo: '250 ok',
	auth: '235 2.7.0 Welcome',
	mail: '250 2.1.0 Ok',
	rcpt: '250 2.1.5 Ok',
	data: '354 Go on',
	message: '250 2.0.0 Queued',
};

/** A mail server that answers as it is told to, line by line, and closes after a 421 (RFC 5321 §3.8). */
export async function startScriptedSmtp(rules: ScriptedSmtpRules = {}): Promise<ScriptedSmtp> {
	const { answers = {}, mostConnections = Infinity, slowMs = 0, extensions = [] } = rules;
	const { host = '127.0.0.1', mostMails = Infinity, mostErrors = Infinity } = rules;
	const names: string[] = [];
	const commands: string[] = [];
	const accepted: string[] = [];
	const sockets = new Set<Socket>();
	let refused = 0;
	let slowed = 0;

	const server = createServer((socket) => {
		socket.on('error', () => undefined);
		const say = (line: string): void => {
			if (line === '') return;
			if (line === 'drop') return void socket.destroy();
			socket.write(`${line}\r\n`);
			if (line.startsWith('421')) socket.end();
		};
		if (sockets.size >= mostConnections) {
			refused++;
			if (rules.isSilent) return void socket.destroy();
			return say('421 4.7.0 mail.test Error: too many connections from 127.0.0.1');
		}
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
		const answer = (step: SmtpStep): void => say(answers[step] ?? USUAL[step]);
		let text = '';
		let mails = 0;
		let errors = 0;
		let isData = false;
		let recipient = '';
		const receive = (line: string): void => {
			if (isData) {
				if (line !== '.') return;
				isData = false;
				const taken = (answers.message ?? USUAL.message).startsWith('2');
				if (taken) accepted.push(recipient);
				if (taken) errors = 0;
				setTimeout(() => answer('message'), slowMs);
				return;
			}
			commands.push(line);
			if (errors > mostErrors) slowed++;
			const [verb = ''] = line.toUpperCase().split(/[ :]/);
			if (verb === 'EHLO') {
				names.push(line.slice(5));
				if (answers.ehlo) return answer('ehlo');
				return say([...extensions.map((one) => `250-${one}`), '250 SIZE 10000000'].join('\r\n'));
			}
			if (verb === 'HELO') return answer('ehlo');
			if (verb === 'AUTH') return answer('auth');
			if (verb === 'MAIL' && mails++ >= mostMails) {
				return say('421 4.4.2 mail.test Error: timeout exceeded');
			}
			if (verb === 'MAIL') return answer('mail');
			if (verb === 'RCPT') {
				recipient = /<(.*)>/.exec(line)?.[1] ?? '';
				if (recipient.startsWith('full@')) {
					errors += 2;
					return say('450 4.2.2 Mailbox full');
				}
				return answer('rcpt');
			}
			if (verb === 'DATA') {
				isData = (answers.data ?? USUAL.data).startsWith('354');
				return answer('data');
			}
			if (verb === 'RSET') return say('250 ok');
			if (verb === 'QUIT') return void socket.end('221 bye\r\n');
			say('502 what?');
		};
		socket.on('data', (chunk) => {
			text += chunk.toString('utf8');
			const lines = text.split('\r\n');
			text = lines.pop() ?? '';
			lines.forEach(receive);
		});
		answer('open');
	});
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const { port } = server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	return {
		host,
		port,
		names,
		commands,
		accepted,
		get refused() {
			return refused;
		},
		get slowed() {
			return slowed;
		},
		get open() {
			return sockets.size;
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
}
