import { generateKeyPairSync } from 'node:crypto';
import { type MailStage, openConnection, type Party, partyOf } from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';
import { open, outgoing, verdict } from '../../support/outgoing.ts';

const FROM = 'Ops <ops@example.com>';

function smtp(server: object = { host: 'mail.example.com' }): ReturnType<typeof open> {
	return open('email', { smtp: server, from: FROM });
}

function call(
	message = outgoing(),
	server?: object,
): Extract<ReturnType<ReturnType<typeof open>['prepare']>, { via: 'smtp' }> {
	const prepared = smtp(server).prepare(message);
	if (prepared.via !== 'smtp') throw new Error(`Expected SMTP, not ${prepared.via}`);
	return prepared;
}

describe('the mail over SMTP', () => {
	it('goes to the server with STARTTLS on port 587 unless told otherwise', () => {
		expect(call().server).toEqual({
			host: 'mail.example.com',
			port: 587,
			secure: false,
			connections: 5,
			name: 'example.com',
			tls: { required: false, rejectUnauthorized: true },
		});
	});

	it.each([
		['mail.example.com', undefined, true],
		['mail.example.com', false, false],
		['192.0.2.1', undefined, true],
		['localhost', undefined, false],
		['127.0.0.1', undefined, false],
		['::1', undefined, false],
		['localhost', true, true],
		['127.0.0.1.example.com', undefined, true],
	])(
		'with a login at %s and tls.required %j demands encryption: %s',
		(host, required, expected) => {
			const tls = required === undefined ? {} : { required };
			const { server } = call(outgoing(), { host, user: 'ops', pass: 'p', tls });
			expect(server.tls.required).toBe(expected);
		},
	);

	it('checks the certificate in the way that it is told to', () => {
		const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
		const tls = { reject_unauthorized: false, ca, servername: 'mx.example.com' };
		expect(call(outgoing(), { host: 'h', tls }).server.tls).toEqual({
			required: false,
			rejectUnauthorized: false,
			ca,
			servername: 'mx.example.com',
		});
	});

	it('is the same server object for every mail, by which a host finds its connections', () => {
		const connection = smtp();
		const [one, two] = [connection.prepare(outgoing()), connection.prepare(outgoing())];
		expect('server' in one && 'server' in two && one.server === two.server).toBe(true);
	});

	it.each<[string, 'rsa' | 'ed25519' | undefined, boolean]>([
		['an RSA key', 'rsa', true],
		['an Ed25519 key, which nodemailer cannot sign with', 'ed25519', false],
		['what is no key', undefined, false],
	])('signs by DKIM with %s: %s', (_what, type, possible) => {
		const pair =
			type === 'rsa'
				? generateKeyPairSync('rsa', { modulusLength: 2048 })
				: generateKeyPairSync('ed25519');
		const private_key = type
			? pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
			: '-----BEGIN PRIVATE KEY-----';
		const dkim = { domain: 'example.com', selector: 's1', private_key };
		const settings = { smtp: { host: 'h', dkim }, from: FROM };
		expect(openConnection('email', 'mail', settings).ok).toBe(possible);
	});

	it('has one recipient, a subject, and a Message-ID that stays over all attempts', () => {
		expect(call(outgoing({ attempt: 2 })).mail).toEqual({
			from: FROM,
			to: 'ada@example.com',
			subject: 'The pump stopped',
			text: 'The pump stopped',
			messageId: '<dlv_1@example.com>',
		});
	});

	it('keeps a subject on one line', () => {
		const { mail } = call(outgoing({ subject: 'Pump\r\nBcc: eve@example.com' }));
		expect(mail.subject).toBe('Pump Bcc: eve@example.com');
	});
});

describe('what a mail server’s reply means', () => {
	it.each([
		[250, 'OK: queued', 'delivered'],
		[251, 'User not local; will forward', 'delivered'],
		[421, '4.3.2 Service shutting down', 'SERVICE_UNAVAILABLE for now'],
		[450, '4.2.1 Mailbox busy', 'SERVICE_UNAVAILABLE for now'],
		[451, 'Greylisted', 'SERVICE_UNAVAILABLE for now'],
		[452, '4.2.2 Mailbox full', 'SERVICE_UNAVAILABLE for now'],
		[454, '4.7.0 Temporary authentication failure', 'SERVICE_UNAVAILABLE for now'],
		[530, '5.7.0 Authentication required', 'AUTH_FAILED permanent'],
		[534, '5.7.9 Mechanism too weak', 'AUTH_FAILED permanent'],
		[535, '5.7.8 Credentials invalid', 'AUTH_FAILED permanent'],
		[550, '5.1.1 No such user', 'RECIPIENT_REJECTED permanent'],
		[550, '5.1.10 Null MX', 'RECIPIENT_REJECTED permanent'],
		[550, '5.2.1 Mailbox disabled', 'RECIPIENT_REJECTED permanent'],
		[550, 'No such user', 'RECIPIENT_REJECTED permanent'],
		[553, 'Mailbox name not allowed', 'RECIPIENT_REJECTED permanent'],
		[550, '5.7.1 Refused as spam', 'MESSAGE_REJECTED permanent'],
		[550, '5.1.8 Sender domain does not exist', 'MESSAGE_REJECTED permanent'],
		[552, '5.2.2 Mailbox full', 'SERVICE_UNAVAILABLE for now'],
		[552, '5.3.4 Message too big', 'MESSAGE_REJECTED permanent'],
		[554, '5.6.0 Malformed', 'MESSAGE_REJECTED permanent'],
		[550, 'Blocked because of 5.2.2.9', 'RECIPIENT_REJECTED permanent'],
	])('%d %s is %s', (status, text, expected) => {
		expect(verdict(call().classify({ status, text }, T0))).toBe(expected);
	});

	it.each<[MailStage | undefined, number, string, string, Party | undefined]>([
		['rcpt', 450, '4.2.2 Mailbox full', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		[undefined, 450, '4.2.2 Mailbox full', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		[
			'rcpt',
			450,
			'4.2.0 <a@b>: Greylisted, try again in 300 seconds',
			'SERVICE_UNAVAILABLE for now after 300000',
			'recipient',
		],
		['data', 451, 'graylisted', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		['rcpt', 451, '4.7.1 Please try again later', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		[undefined, 451, '4.7.1 Please try again later', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		['rcpt', 451, '4.3.0 Temporary lookup failure', 'SERVICE_UNAVAILABLE for now', 'recipient'],
		['data', 451, '4.3.0 Queue file write error', 'SERVICE_UNAVAILABLE for now', 'service'],
		['mail', 452, '4.3.1 Insufficient system storage', 'SERVICE_UNAVAILABLE for now', 'service'],
		[
			'mail',
			450,
			'4.1.8 Sender address rejected: Domain not found',
			'SERVICE_UNAVAILABLE for now',
			'sender',
		],
		['rcpt', 421, '4.3.2 Service shutting down', 'SERVICE_UNAVAILABLE for now', 'service'],
		[
			'connect',
			421,
			'4.7.0 Error: too many connections from 127.0.0.1',
			'RATE_LIMITED for now',
			'us',
		],
		[
			'auth',
			454,
			'4.7.0 Too many login attempts, please try again later',
			'RATE_LIMITED for now',
			'us',
		],
		[
			'auth',
			454,
			'4.7.0 Temporary authentication failure',
			'SERVICE_UNAVAILABLE for now',
			'service',
		],
		[
			'data',
			454,
			'Throttling failure: Maximum sending rate exceeded.',
			'RATE_LIMITED for now',
			'sender',
		],
		[
			'data',
			454,
			'Throttling failure: Daily message quota exceeded.',
			'QUOTA_EXCEEDED for now',
			'sender',
		],
		[
			'data',
			421,
			'Domain x is not allowed to send: recipient limit exceeded, try again after Wed, 15 Jan 2025 10:31:00 UTC',
			'RATE_LIMITED for now after 60000',
			'sender',
		],
		[
			'mail',
			550,
			'Too many messages. Try again in 92 seconds.',
			'RATE_LIMITED for now after 92000',
			'sender',
		],
		['data', 421, '4.7.28 Unusual rate of unsolicited mail', 'RATE_LIMITED for now', 'sender'],
		['rcpt', 451, '4.7.1 Rate limit exceeded for recipient', 'RATE_LIMITED for now', 'recipient'],
		['data', 550, '5.4.5 Daily user sending limit exceeded', 'QUOTA_EXCEEDED permanent', 'sender'],
		[undefined, 550, '5.4.5 Limit', 'QUOTA_EXCEEDED permanent', 'sender'],
		['rcpt', 554, '5.7.1 <ada@example.com>: Relay access denied', 'AUTH_FAILED permanent', 'us'],
		[undefined, 550, 'relay not permitted', 'AUTH_FAILED permanent', 'us'],
		[
			'rcpt',
			550,
			'5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
			'AUTH_FAILED permanent',
			'us',
		],
		['rcpt', 454, '4.7.1 <ada@example.com>: Relay access denied', 'AUTH_FAILED for now', 'us'],
		[
			'rcpt',
			554,
			'5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
			'MESSAGE_REJECTED permanent',
			'us',
		],
		['connect', 554, '5.7.1 No service for you', 'AUTH_FAILED permanent', 'us'],
		['mail', 550, '5.7.1 Not this sender', 'MESSAGE_REJECTED permanent', 'sender'],
		[
			'rcpt',
			553,
			'5.7.1 <x@y>: Sender address rejected: not owned by user ops',
			'MESSAGE_REJECTED permanent',
			'sender',
		],
		[
			'rcpt',
			550,
			'5.7.1 Recipient address rejected: Access denied',
			'RECIPIENT_REJECTED permanent',
			'recipient',
		],
		['rcpt', 550, 'no', 'RECIPIENT_REJECTED permanent', 'recipient'],
		['data', 550, 'Refused as spam', 'MESSAGE_REJECTED permanent', 'message'],
		[
			'mail',
			552,
			'5.3.4 Message size exceeds fixed limit',
			'MESSAGE_REJECTED permanent',
			'message',
		],
		['data', 552, 'message size limit exceeded', 'MESSAGE_REJECTED permanent', 'message'],
		[undefined, 550, '5.4.6 Too many hops', 'RECIPIENT_REJECTED permanent', 'recipient'],
		[undefined, 556, '5.1.10 Null MX', 'RECIPIENT_REJECTED permanent', 'recipient'],
		['data', 354, 'go on', 'SERVICE_UNAVAILABLE for now', 'service'],
	])('at %s, %d %s is %s, which is about the %s', (stage, status, text, expected, party) => {
		const outcome = call().classify({ status, text, stage }, T0);
		expect(verdict(outcome)).toBe(expected);
		expect(outcome.result === 'failed' ? partyOf(outcome) : undefined).toBe(party);
	});

	it.each(['smtp://[::1]:2525', 'smtp://[2001:db8::25]'])(
		'goes to %s without its brackets',
		(base_url) => {
			const connection = open('email', { smtp: { host: '[::1]' }, from: FROM, base_url });
			expect(connection.prepare(outgoing())).toMatchObject({
				server: { host: new URL(base_url).hostname.slice(1, -1) },
			});
		},
	);

	it('never repeats the password, even when the server quotes what it was sent', () => {
		const login = { host: 'mail.example.com', user: 'ops', pass: 'Pa55word+/=' };
		const { classify } = call(outgoing(), login);
		const inBase64 = (text: string): string => Buffer.from(text).toString('base64');
		for (const quoted of [login.pass, inBase64(login.pass), inBase64(`\0ops\0${login.pass}`)]) {
			const outcome = classify({ status: 535, text: `5.7.8 What is ${quoted} ?` }, T0);
			expect(outcome).toMatchObject({
				error: { message: 'The mail server answered 535: 5.7.8 What is *** ?' },
			});
		}
	});

	it('may be tried again when there is none', () => {
		expect(verdict(call().classify({ failure: 'timeout', detail: '10 seconds' }, T0))).toBe(
			'TIMEOUT for now',
		);
		expect(verdict(call().classify({ failure: 'connection', detail: 'ECONNREFUSED' }, T0))).toBe(
			'CONNECTION_FAILED for now',
		);
	});
});
