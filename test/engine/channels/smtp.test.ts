import type { Mailer } from '@sureping/engine';
import { createTransport } from 'nodemailer';
import { type FakeSmtp, startSmtp } from '../../fakes/smtp.ts';
import { open, outcomeOver, outgoing, verdict } from '../../support/outgoing.ts';

const FROM = 'Ops <ops@example.com>';

function smtp(server: object = { host: 'mail.example.com' }): ReturnType<typeof open> {
	return open('email', { smtp: server, from: FROM });
}

function call(
	message = outgoing(),
): Extract<ReturnType<ReturnType<typeof open>['prepare']>, { via: 'smtp' }> {
	const prepared = smtp().prepare(message);
	if (prepared.via !== 'smtp') throw new Error(`Expected SMTP, not ${prepared.via}`);
	return prepared;
}

describe('the mail over SMTP', () => {
	it('goes to the server with STARTTLS on port 587 unless told otherwise', () => {
		expect(call().server).toEqual({ host: 'mail.example.com', port: 587, secure: false });
	});

	it('has one recipient, a subject, and a Message-ID that stays over all attempts', () => {
		expect(call(outgoing({ attempt: 2 })).mail).toEqual({
			from: FROM,
			to: 'ada@example.com',
			subject: 'The pump stopped',
			text: 'The pump stopped',
			messageId: '<dlv_1@mail.example.com>',
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
		expect(verdict(call().classify({ status, text }))).toBe(expected);
	});

	it('may be tried again when there is none', () => {
		expect(verdict(call().classify({ failure: 'timeout', detail: '10 seconds' }))).toBe(
			'TIMEOUT for now',
		);
		expect(verdict(call().classify({ failure: 'connection', detail: 'ECONNREFUSED' }))).toBe(
			'CONNECTION_FAILED for now',
		);
	});
});

/** The least that a host has to do with nodemailer. */
const mailer: Mailer = async (mail, { user, pass = '', ...server }) => {
	const transport = createTransport({ ...server, ...(user ? { auth: { user, pass } } : {}) });
	try {
		const { response } = await transport.sendMail(mail);
		return { status: Number.parseInt(response, 10), text: response.slice(4) };
	} catch (error) {
		const { responseCode = 0, response = '' } = error as {
			responseCode?: number;
			response?: string;
		}; // nodemailer's own errors
		return { status: responseCode, text: response.replace(/^\d{3} /, '') };
	}
};

describe('over SMTP', () => {
	let server: FakeSmtp | undefined;
	afterEach(() => server?.close());

	const login = ({ host, port }: FakeSmtp, user?: string, pass?: string): object => ({
		host,
		port,
		...(user === undefined ? {} : { user, pass }),
	});
	const send = (settings: object, recipient = 'ada@example.com'): ReturnType<typeof outcomeOver> =>
		outcomeOver({ smtp: mailer }, smtp(settings), outgoing({ recipient, text: 'Grüße' }));

	it('a mail arrives with its text and Message-ID', async () => {
		server = await startSmtp();
		expect(verdict(await send(login(server)))).toBe('delivered');
		await server.received(1);
		expect(server.mails).toMatchObject([{ from: 'ops@example.com', to: ['ada@example.com'] }]);
		expect(server.mails[0]?.raw).toMatch(/^Message-ID: <dlv_1@127\.0\.0\.1>\r$/im);
		expect(server.mails[0]?.raw).toMatch(/Gr(ü|=C3=BC)/);
	});

	it('refused recipients are told apart: unknown for good, busy for now', async () => {
		server = await startSmtp();
		server.refuse('gone@example.com', { code: 550, text: '5.1.1 No such user' });
		server.answer({ code: 450, text: '4.2.1 Mailbox busy' });
		expect(verdict(await send(login(server)))).toBe('SERVICE_UNAVAILABLE for now');
		expect(verdict(await send(login(server)))).toBe('delivered');
		expect(verdict(await send(login(server), 'gone@example.com'))).toBe(
			'RECIPIENT_REJECTED permanent',
		);
		expect(server.mails).toHaveLength(1);
	});

	it('a login that is refused or missing fails for good', async () => {
		server = await startSmtp({ auth: { user: 'ops', pass: 'right-password' } });
		expect(verdict(await send(login(server, 'ops', 'right-password')))).toBe('delivered');
		expect(verdict(await send(login(server, 'ops', 'wrong-password')))).toBe(
			'AUTH_FAILED permanent',
		);
		expect(verdict(await send(login(server)))).toBe('AUTH_FAILED permanent');
	});
});
