import { generateKeyPairSync } from 'node:crypto';
import { checkConnection } from '@sureping/engine';
import { createSmtpTransport, type SmtpTransport } from '../../runner/transport/smtp/index.ts';
import { type FakeSmtp, type SmtpRules, startSmtp } from '../fakes/smtp.ts';
import { verifyDkim } from '../support/dkim.ts';
import { open, outcomeOver, outgoing, verdict } from '../support/outgoing.ts';
import { selfSigned } from '../support/self-signed.ts';
import { waitUntil } from '../support/wait-until.ts';

const CERTIFICATE = selfSigned('mail.test');
const AUTH = { user: 'ops', pass: 'right-password' };

let server: FakeSmtp;
let smtp: SmtpTransport;

async function start(rules: SmtpRules = {}): Promise<void> {
	server = await startSmtp(rules);
	smtp = createSmtpTransport();
}
afterEach(async () => {
	smtp.close();
	await server.close();
});

function connect(settings: object = {}): ReturnType<typeof open> {
	const own = { host: server.host, port: server.port, ...settings };
	return open('email', { smtp: own, from: 'Ops <ops@example.com>' });
}

const send = (connection: ReturnType<typeof open>, more = {}): ReturnType<typeof outcomeOver> =>
	outcomeOver({ smtp }, connection, outgoing({ text: 'Grüße', ...more }));

const check = (connection: ReturnType<typeof open>): ReturnType<typeof checkConnection> =>
	checkConnection(connection, { smtp }, Date, 2_000);

describe('a mail over SMTP', () => {
	it('arrives with its text and Message-ID', async () => {
		await start();
		expect(verdict(await send(connect()))).toBe('delivered');
		expect(server.mails).toMatchObject([{ from: 'ops@example.com', to: ['ada@example.com'] }]);
		expect(server.mails[0]?.raw).toMatch(/^Message-ID: <dlv_1@example\.com>\r$/im);
		expect(server.mails[0]?.raw).toMatch(/Gr(ü|=C3=BC)/);
	});

	it('tells refused recipients apart: unknown for good, busy for now', async () => {
		await start();
		server.refuse('gone@example.com', { code: 550, text: '5.1.1 No such user' });
		server.answer({ code: 450, text: '4.2.1 Mailbox busy' });
		const connection = connect();
		expect(verdict(await send(connection))).toBe('SERVICE_UNAVAILABLE for now');
		expect(verdict(await send(connection))).toBe('delivered');
		expect(verdict(await send(connection, { recipient: 'gone@example.com' }))).toBe(
			'RECIPIENT_REJECTED permanent',
		);
		expect(server.mails).toHaveLength(1);
	});

	it('says what the server said', async () => {
		await start();
		server.answer({ code: 550, text: '5.1.1 No such user' });
		expect(await send(connect())).toMatchObject({
			error: { message: 'The mail server answered 550: 5.1.1 No such user' },
		});
	});
});

describe('a login', () => {
	it('that is refused or missing fails for good', async () => {
		await start({ auth: AUTH });
		expect(verdict(await send(connect(AUTH)))).toBe('delivered');
		expect(verdict(await send(connect({ ...AUTH, pass: 'wrong' })))).toBe('AUTH_FAILED permanent');
		expect(verdict(await send(connect()))).toBe('AUTH_FAILED permanent');
	});

	it('is tested without a mail', async () => {
		await start({ auth: AUTH });
		expect(await check(connect(AUTH))).toEqual({ result: 'ok' });
		expect(await check(connect({ ...AUTH, pass: 'wrong' }))).toMatchObject({
			result: 'failed',
			error: { code: 'AUTH_FAILED' },
		});
		expect(server.mails).toEqual([]);
	});

	it('is not repeated in a message, even when the server quotes it', async () => {
		await start({ auth: AUTH, quotesLogin: true });
		const connection = connect({ ...AUTH, pass: 'Wr0ng-password' });
		for (const found of [await send(connection), await check(connection)]) {
			expect(JSON.stringify(found)).toContain('(ops, ***)');
			expect(JSON.stringify(found)).not.toContain('Wr0ng');
		}
	});

	it('does not go out in the clear unless it is allowed to', async () => {
		await start({ auth: AUTH });
		const refused = await send(connect({ ...AUTH, tls: { required: true } }));
		expect(refused).toMatchObject({
			permanent: false,
			error: { code: 'CONNECTION_FAILED', message: expect.stringContaining('smtp.tls.required') },
		});
		expect(server.mails).toEqual([]);
		expect(verdict(await send(connect({ ...AUTH, tls: { required: false } })))).toBe('delivered');
	});
});

describe.each(['starttls', 'implicit'] as const)('over %s', (mode) => {
	const secure = mode === 'implicit';
	beforeEach(() => start({ auth: AUTH, tls: { mode, ...CERTIFICATE } }));

	it('a certificate that nobody vouches for is refused, and the message says what to do', async () => {
		for (const found of [await send(connect({ secure })), await check(connect({ secure }))]) {
			expect(found).toMatchObject({
				result: 'failed',
				error: {
					code: 'CONNECTION_FAILED',
					message:
						'The mail server could not be reached: its TLS certificate is self-signed; give it as smtp.tls.ca to trust it',
				},
			});
		}
		expect(server.mails).toEqual([]);
	});

	it('a certificate that is given as ca is trusted, and the mail goes encrypted', async () => {
		const connection = connect({ ...AUTH, secure, tls: { ca: CERTIFICATE.cert, required: true } });
		expect(await check(connection)).toEqual({ result: 'ok' });
		expect(verdict(await send(connection))).toBe('delivered');
		expect(server.mails).toMatchObject([{ encrypted: true }]);
	});

	it('a certificate for another host is refused, unless servername says so', async () => {
		const ca = CERTIFICATE.cert;
		const wrong = await send(connect({ ...AUTH, secure, tls: { ca, servername: 'other.test' } }));
		expect(wrong).toMatchObject({ error: { message: expect.stringContaining('another host') } });
		const right = connect({ ...AUTH, secure, tls: { ca, servername: 'mail.test' } });
		expect(verdict(await send(right))).toBe('delivered');
	});

	it('any certificate will do with reject_unauthorized: false', async () => {
		const connection = connect({ ...AUTH, secure, tls: { reject_unauthorized: false } });
		expect(verdict(await send(connection))).toBe('delivered');
	});
});

it('TLS from the first byte at a server that speaks it later is told as that', async () => {
	await start({ tls: { mode: 'starttls', ...CERTIFICATE } });
	expect(await send(connect({ secure: true }))).toMatchObject({
		error: { message: expect.stringContaining('set smtp.secure to false') },
	});
});

describe('connections', () => {
	it('are kept for the next mail, and are few', async () => {
		await start();
		const connection = connect();
		for (let i = 0; i < 3; i++) expect(verdict(await send(connection))).toBe('delivered');
		expect(server.connections).toEqual({ made: 1, open: 1 });
		const outcomes = await Promise.all(Array.from({ length: 40 }, () => send(connection)));
		expect(outcomes.map(verdict)).toEqual(Array(40).fill('delivered'));
		expect(server.mails).toHaveLength(43);
		expect(server.connections.made).toBeLessThanOrEqual(5);
	});

	it('that the server dropped are made anew, without a mail lost or doubled', async () => {
		await start();
		const connection = connect();
		await send(connection);
		server.drop();
		await waitUntil('the connection is gone', () => server.connections.open === 0);
		expect(verdict(await send(connection))).toBe('delivered');
		expect(server.mails).toHaveLength(2);
	});

	it('stay usable after a refusal', async () => {
		await start();
		const connection = connect();
		server.refuse('gone@example.com', { code: 550, text: '5.1.1 No such user' });
		for (let i = 0; i < 10; i++) {
			await send(connection, { recipient: 'gone@example.com' });
			expect(verdict(await send(connection))).toBe('delivered');
		}
		// A second one is made while the first is being reset.
		expect(server.connections.made).toBeLessThanOrEqual(2);
	});

	it('are closed when they were idle for long enough', async () => {
		await start();
		smtp = createSmtpTransport({ idleMs: 50 });
		const connection = connect();
		await send(connection);
		await waitUntil('the idle connection is closed', () => server.connections.open === 0);
		expect(verdict(await send(connection))).toBe('delivered');
		expect(server.mails).toHaveLength(2);
	});

	it('are closed in the end', async () => {
		await start();
		await send(connect());
		smtp.close();
		await waitUntil('the connection is closed', () => server.connections.open === 0);
	});

	it('are given up when the time of a mail is up, and nothing goes out later', async () => {
		await start();
		const connection = connect();
		server.answer('hang');
		expect(await send(connection, { timeoutMs: 200 })).toMatchObject({
			permanent: false,
			error: { code: 'TIMEOUT', message: 'The mail server did not respond within 0.2 seconds' },
		});
		await waitUntil('the connection is closed', () => server.connections.open === 0);
		expect(verdict(await send(connection))).toBe('delivered');
		expect(server.mails).toHaveLength(1);
	});

	it('that are all busy are waited for, which takes nothing of the time of a mail', async () => {
		await start();
		const connection = connect();
		server.answer(...Array<'hang'>(5).fill('hang'));
		const outcomes = await Promise.all(
			Array.from({ length: 8 }, () => send(connection, { timeoutMs: 300 })),
		);
		expect(outcomes.map(verdict).sort()).toEqual([
			...Array<string>(5).fill('TIMEOUT for now'),
			...Array<string>(3).fill('delivered'),
		]);
		expect(verdict(await send(connection))).toBe('delivered');
		expect(server.mails).toHaveLength(4);
	});

	it('to nowhere fail for now', async () => {
		await start();
		await server.close();
		const outcome = await send(connect());
		expect(verdict(outcome)).toBe('CONNECTION_FAILED for now');
		expect(outcome).toMatchObject({
			error: { message: 'The mail server could not be reached: the connection was refused' },
		});
	});
});

describe('DKIM', () => {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const dkim = {
		domain: 'example.com',
		selector: 'sureping',
		private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
	};

	it('signs body and headers, so that the published key verifies them', async () => {
		await start();
		const text = 'Grüße  \nfrom\n\n the pump \n\n';
		expect(verdict(await send(connect({ dkim }), { text, subject: 'Pümpe 3' }))).toBe('delivered');
		const found = verifyDkim(server.mails[0]?.raw ?? '', publicKey);
		expect(found).toMatchObject({
			domain: 'example.com',
			selector: 'sureping',
			bodyHashIsRight: true,
			signatureIsRight: true,
		});
		expect(found.signedHeaders).toEqual(
			expect.arrayContaining(['from', 'to', 'subject', 'message-id']),
		);
	});

	it('no longer verifies when body or subject were changed', async () => {
		await start();
		await send(connect({ dkim }), { subject: 'Pump 3' });
		const raw = server.mails[0]?.raw ?? '';
		const otherBody = verifyDkim(`${raw}PS\r\n`, publicKey);
		expect(otherBody).toMatchObject({ bodyHashIsRight: false, signatureIsRight: true });
		const otherSubject = verifyDkim(raw.replace('Subject: Pump 3', 'Subject: Pump 4'), publicKey);
		expect(otherSubject).toMatchObject({ bodyHashIsRight: true, signatureIsRight: false });
	});

	it('is not there without a key', async () => {
		await start();
		await send(connect());
		expect(server.mails[0]?.raw).not.toMatch(/^DKIM-Signature:/im);
	});
});
