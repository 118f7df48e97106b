import { networkInterfaces } from 'node:os';
import { createSmtpTransport, type SmtpTransport } from '../../runner/transport/smtp/index.ts';
import { greetingName } from '../../runner/transport/smtp/greeting-name.ts';
import {
	type ScriptedSmtp,
	type ScriptedSmtpRules,
	startScriptedSmtp,
} from '../fakes/scripted-smtp.ts';
import { open, outcomeOver, outgoing, verdict } from '../support/outgoing.ts';
import { waitUntil } from '../support/wait-until.ts';

let server: ScriptedSmtp;
let smtp: SmtpTransport;

async function start(rules: ScriptedSmtpRules = {}): Promise<void> {
	server = await startScriptedSmtp(rules);
	smtp = createSmtpTransport();
}
afterEach(async () => {
	smtp.close();
	await server.close();
});

function connect(settings: object = {}, from = 'Ops <ops@example.com>'): ReturnType<typeof open> {
	return open('email', { smtp: { host: server.host, port: server.port, ...settings }, from });
}

const send = (connection: ReturnType<typeof open>, more = {}): ReturnType<typeof outcomeOver> =>
	outcomeOver({ smtp }, connection, outgoing(more));

async function sendMany(count: number, connection = connect(), more = {}): Promise<string[]> {
	const all = Array.from({ length: count }, (_, i) =>
		send(connection, { deliveryId: `dlv_${i}`, ...more }),
	);
	return (await Promise.all(all)).map(verdict);
}

describe('the time of a mail', () => {
	it('counts from the moment it has a connection, so that none fails while it waits for one', async () => {
		await start({ slowMs: 100 });
		// Twelve rounds of several replies, 100 ms each; a mail has less time than all of them take, and much more than its own.
		expect(await sendMany(60, connect(), { timeoutMs: 2_500 })).toEqual(
			Array(60).fill('delivered'),
		);
		expect(server.accepted).toHaveLength(60);
	});

	it('is what one server that hangs takes at most', async () => {
		await start({ answers: { rcpt: '' } });
		expect(await sendMany(2, connect(), { timeoutMs: 100 })).toEqual(
			Array(2).fill('TIMEOUT for now'),
		);
	});

	it('does not begin inside an attempt: as many run as there are connections', async () => {
		await start();
		expect(connect().limits).toEqual({ concurrency: 5 });
		expect(connect({ max_connections: 2 }).limits).toEqual({ concurrency: 2 });
	});
});

describe("a server's limit of connections", () => {
	it.each([
		[1, false],
		[2, false],
		[1, true],
	])(
		'of %d costs no attempt: what is open is used (silent: %s)',
		async (mostConnections, isSilent) => {
			await start({ mostConnections, isSilent, slowMs: 20 });
			const connection = connect();
			// Somebody that talks to us shows that the others were too many.
			if (isSilent) expect(verdict(await send(connection))).toBe('delivered');
			expect(await sendMany(6, connection)).toEqual(Array(6).fill('delivered'));
			expect(server.accepted).toHaveLength(isSilent ? 7 : 6);
			// Fewer are opened from now on.
			const { refused } = server;
			expect(await sendMany(6, connection)).toEqual(Array(6).fill('delivered'));
			expect(server.refused).toBe(refused);
		},
	);

	it('that others use up is waited for, and a mail that gets none in its time fails for now', async () => {
		await start({ mostConnections: 0 });
		const [outcome] = await Promise.all([send(connect(), { timeoutMs: 100 })]);
		expect(outcome).toMatchObject({ result: 'failed', permanent: false });
		expect(server.refused).toBeGreaterThan(1);
	});

	it('does not break what one connection after the other can do', async () => {
		await start({ mostConnections: 1 });
		const connection = connect();
		for (let i = 0; i < 3; i++) expect(verdict(await send(connection))).toBe('delivered');
		expect(server.refused).toBe(0);
	});
});

it('a connection that the server ends with 421 between two mails is replaced, and no attempt is counted', async () => {
	await start({ mostMails: 1 });
	const connection = connect();
	for (let i = 0; i < 3; i++) expect(verdict(await send(connection))).toBe('delivered');
	expect(server.accepted).toHaveLength(3);
	expect(server.names).toHaveLength(3);
});

it('a connection is renewed before the server slows it down for the refusals that it collects', async () => {
	await start({ mostErrors: 10 });
	const connection = connect();
	for (let i = 0; i < 20; i++) {
		expect(await send(connection, { recipient: 'full@example.com' })).toMatchObject({
			error: { message: 'The mail server answered 450: 4.2.2 Mailbox full' },
		});
	}
	expect(server.slowed).toBe(0);
	// A mail that it accepts in between restarts the count.
	const before = server.names.length;
	for (let i = 0; i < 12; i++) {
		await send(connection, { recipient: i % 3 === 0 ? 'ada@example.com' : 'full@example.com' });
	}
	expect(server.names.length - before).toBeLessThanOrEqual(1);
	expect(server.slowed).toBe(0);
});

describe('EHLO', () => {
	it("says the sender's domain, unless the connection gives a name", async () => {
		await start();
		await send(connect());
		await send(connect({ name: 'relay.example.net' }));
		await send(connect({ name: '[192.0.2.7]' }));
		await send(connect({}, 'ops@bücher.example'));
		expect(server.names).toEqual([
			'example.com',
			'relay.example.net',
			'[192.0.2.7]',
			'xn--bcher-kva.example',
		]);
	});

	it.each([
		[undefined, 'mail.example.org', [], 'mail.example.org'],
		[undefined, 'container', ['192.0.2.9'], '[192.0.2.9]'],
		[undefined, 'box.local', ['2001:db8::1'], '[IPv6:2001:db8::1]'],
		[undefined, 'localhost', [], '[127.0.0.1]'],
		['mail.example.com', 'container', ['192.0.2.9'], 'mail.example.com'],
	])('given %s on %s with %s says %s', (given, machine, addresses, name) => {
		expect(greetingName(given, machine, addresses)).toBe(name);
	});

	it.each(['no spaces', '-x.example', '127.0.0.1]', 'a\r\nRSET', ''])('refuses %j', (name) => {
		expect(() =>
			open('email', { smtp: { host: '127.0.0.1', port: 25, name }, from: 'ops@example.com' }),
		).toThrow(/smtp|name/);
	});
});

describe('an IPv6 address', () => {
	const hasIPv6 = Object.values(networkInterfaces()).some((ones) =>
		ones?.some(({ address }) => address === '::1'),
	);
	it.each([
		['smtp.host in brackets', { host: '[::1]' }, undefined],
		['smtp.host without', { host: '::1' }, undefined],
		['base_url', { host: 'unused.invalid' }, 'smtp://[::1]'],
	])('as %s is called as it is', async (_, own, base) => {
		if (!hasIPv6) return void (await start());
		await start({ host: '::1' });
		const connection = open('email', {
			smtp: { port: server.port, ...own },
			from: 'ops@example.com',
			...(base === undefined ? {} : { base_url: `${base}:${server.port}` }),
		});
		expect(verdict(await send(connection))).toBe('delivered');
	});
});

describe('an address with letters outside ASCII before the @', () => {
	it('is refused before MAIL by whom it is about, where the server offers no SMTPUTF8', async () => {
		await start();
		const outcome = await send(connect(), { recipient: 'jörg@example.com' });
		expect(verdict(outcome)).toBe('RECIPIENT_REJECTED permanent');
		expect(outcome).toMatchObject({ error: { message: expect.stringContaining('SMTPUTF8') } });
		expect(server.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
		// The connection is good for the next.
		expect(verdict(await send(connect()))).toBe('delivered');
		const sender = await send(connect({}, 'jörg@example.com'));
		expect(sender).toMatchObject({
			result: 'failed',
			permanent: true,
			about: 'sender',
			error: { code: 'MESSAGE_REJECTED' },
		});
	});

	it('goes out where the server offers it; a domain is written in Punycode in any case', async () => {
		await start({ extensions: ['SMTPUTF8'] });
		expect(verdict(await send(connect(), { recipient: 'jörg@example.com' }))).toBe('delivered');
		smtp.close();
		await server.close();
		await start();
		expect(verdict(await send(connect(), { recipient: 'ada@bücher.example' }))).toBe('delivered');
		expect(server.accepted).toEqual(['ada@xn--bcher-kva.example']);
	});
});

it('a mail that waits when the runner stops is not sent', async () => {
	await start({ slowMs: 50 });
	const connection = connect({ max_connections: 1 });
	const outcomes = sendMany(3, connection);
	await waitUntil('the first is under way', () => server.commands.includes('DATA'));
	smtp.close();
	expect(await outcomes).toEqual([
		'delivered',
		'CONNECTION_FAILED for now',
		'CONNECTION_FAILED for now',
	]);
	expect(server.accepted).toHaveLength(1);
});
