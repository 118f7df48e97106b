import addressparser from 'nodemailer/lib/addressparser';
import {
	CHANNELS,
	type HttpReply,
	LONGEST_RETRY_AFTER_MS,
	openConnection,
	partyOf,
} from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';
import { OTHERS, SERVICES } from '../../support/channel-conformance.ts';
import { open, httpCall, outgoing, verdict } from '../../support/outgoing.ts';

type Outcome = ReturnType<ReturnType<typeof httpCall>['classify']>;

it('lists every service of every channel', () => {
	const all = CHANNELS.flatMap(({ id, services }) => services.map(({ key }) => `${id} ${key}`));
	expect([...Object.keys(SERVICES), ...OTHERS].sort()).toEqual(all.sort());
});

const UNREADABLE = [
	'',
	'OK!',
	'<html>Sign in</html>',
	'[]',
	'null',
	'{',
	'{}',
	'"ok"',
	'\0\0',
	'{"ok":"true"}',
];
const SUCCESSES = [200, 201, 202, 204, 206, 299];

/** In seconds, as a date, as a fraction, beyond all measure, and nothing that can be used. */
const WAITS: readonly (readonly [header: string, waitMs: number | undefined])[] = [
	['30', 30_000],
	['0', 0],
	['1.5', 1_500],
	['Wed, 15 Jan 2025 10:31:00 GMT', 60_000],
	['Wed, 15 Jan 2025 10:00:00 GMT', 0],
	['99999999999999999999', LONGEST_RETRY_AFTER_MS],
	['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_RETRY_AFTER_MS],
	['-5', undefined],
	['soon', undefined],
	['5 apples', undefined],
	['', undefined],
];

const SIZE = 64 * 1024;
const NASTY = [
	'a'.repeat(SIZE),
	`${'a'.repeat(SIZE)}!`,
	`${'Bad Request: '}${'a'.repeat(SIZE)}!`,
	`Bad Request: ${'a '.repeat(SIZE / 2)}!`,
	' '.repeat(SIZE),
	'\\'.repeat(SIZE),
	'try again after '.repeat(SIZE / 16),
	`try again after ${'1'.repeat(SIZE)}`,
	`limit exceeded ${'wait '.repeat(SIZE / 5)}`,
	'<'.repeat(SIZE),
	'-'.repeat(SIZE),
];
/** Where something in an answer is read. */
const PLACES: readonly ((text: string) => string)[] = [
	(text) => text,
	(text) => JSON.stringify({ ok: false, error: text, description: text, error_code: 400 }),
	(text) => JSON.stringify({ name: text, message: text, code: 10015, id: text, sid: text }),
	(text) => JSON.stringify({ ErrorCode: 300, Message: text, MessageID: text }),
	(text) => JSON.stringify({ errors: [{ message: text, field: text }], smsId: text, error: text }),
	(text) => JSON.stringify({ name: 'validation_error', message: text, waitMinutes: text }),
];

describe.each(Object.entries(SERVICES))('%s', (_name, one) => {
	const { connection, recipient, secrets, refusal, throttling, recipientRefusals } = one;
	const read = (reply: Partial<HttpReply>): Outcome =>
		httpCall(connection, outgoing({ recipient })).classify(
			{ status: 200, headers: {}, body: '', ...reply },
			T0,
		);

	it('counts a 2xx that it cannot read as accepted', () => {
		for (const status of SUCCESSES) {
			for (const body of UNREADABLE) expect(verdict(read({ status, body }))).toBe('delivered');
		}
	});

	it('takes a plain no for a no, whatever the status, and does not repeat it', () => {
		const said = ['{"ok":false}', '{"success":false}', '{"ok":false,"error":"a_word_of_tomorrow"}'];
		for (const reply of [...said.map((body) => ({ body })), ...(refusal ? [refusal] : [])]) {
			expect(read(reply)).toMatchObject({ result: 'failed', permanent: true });
		}
	});

	it.each([420, 429, 503])('takes %d with any Retry-After for throttling', (status) => {
		for (const [header, waitMs] of WAITS) {
			if (status === 503 && waitMs === undefined) continue;
			const wait = waitMs === undefined ? '' : ` after ${waitMs}`;
			expect(verdict(read({ status, headers: { 'retry-after': header } }))).toBe(
				`RATE_LIMITED for now${wait}`,
			);
		}
	});

	it('knows its own ways to say that it is asked too often', () => {
		for (const [reply, waitMs] of throttling) {
			const wait = waitMs === undefined ? '' : ` after ${waitMs}`;
			expect(verdict(read(reply))).toBe(`RATE_LIMITED for now${wait}`);
		}
	});

	it('takes a wait that is asked for in words', () => {
		const body = 'limit exceeded, try again after Wed, 15 Jan 2025 10:30:30 UTC';
		expect(verdict(read({ status: 429, body }))).toBe('RATE_LIMITED for now after 30000');
	});

	it('never holds a refusal of one recipient against the service', () => {
		for (const reply of recipientRefusals) {
			const outcome = read(reply);
			expect(outcome.result === 'failed' && partyOf(outcome)).toBe('recipient');
		}
	});

	it('tells its service the recipient, unless the connection itself is the address', () => {
		const request = (to: string): string =>
			JSON.stringify(httpCall(connection, outgoing({ recipient: to })).request);
		const differs = request(recipient) !== request(`${recipient}9`);
		expect(differs).toBe(!connection.isFixed);
		if (connection.isFixed) expect(connection.defaultRecipient).toBe('my-connection');
	});

	it('holds no refusal by a 4xx against the service but 408 and 425', () => {
		for (let status = 400; status < 500; status++) {
			const outcome = read({ status });
			const party = outcome.result === 'failed' ? partyOf(outcome) : undefined;
			expect([status, party === 'service']).toEqual([status, [408, 425].includes(status)]);
		}
	});

	it('reads nasty answers in a moment, and tells nothing of them that could be a secret', () => {
		const started = performance.now();
		for (const text of NASTY) {
			for (const place of PLACES) {
				for (const status of [200, 400, 403, 422, 429, 500]) {
					const outcome = read({ status, body: place(text), headers: { 'retry-after': text } });
					const told = outcome.result === 'failed' ? outcome.error.message : '';
					expect(told.length).toBeLessThan(500);
				}
			}
		}
		// Some milliseconds for each of 396 answers of 64 KiB; what backtracks takes hours.
		expect(performance.now() - started).toBeLessThan(10_000);
	});

	it('never puts half of a surrogate pair on the wire', () => {
		const halves = { text: 'pump \ud83d stopped', subject: 'half \udea8' };
		const { body = '' } = httpCall(connection, outgoing({ recipient, ...halves })).request;
		expect(body.isWellFormed()).toBe(true);
		expect(body).not.toMatch(/\\ud83d|\\udea8/i);
	});

	it('never tells its secrets', () => {
		for (const secret of secrets) {
			for (const place of PLACES) {
				for (const status of [200, 400, 401, 403, 404, 422, 429, 500]) {
					expect(JSON.stringify(read({ status, body: place(secret) }))).not.toContain(secret);
				}
			}
		}
	});
});

describe('the sender of a mail', () => {
	const SENDERS = [
		'ops@example.com',
		'Ops <ops@example.com>',
		'Acme, Inc. <ops@example.com>',
		'"Ann \\"A\\" Lee, MD" <ops@example.com>',
		'Zoë, 監視 🚨 <ops@example.com>',
	];
	const sentBy = (key: string, settings: unknown, from: string): string => {
		const call = open('email', { [key]: settings, from }).prepare(outgoing());
		if (call.via === 'smtp') return call.mail.from;
		if (call.via !== 'http') throw new Error(call.via);
		const { body = '', headers } = call.request;
		if (headers['content-type']?.includes('form'))
			return new URLSearchParams(body).get('from') ?? '';
		const mail: Record<string, unknown> = JSON.parse(body);
		const sender = mail.from ?? mail.From;
		if (typeof sender === 'string') return sender;
		// SendGrid takes the parts.
		const { email, name } = { email: '', name: undefined, ...Object(sender) };
		return name === undefined ? email : `${JSON.stringify(name)} <${email}>`;
	};
	const SETTINGS: Readonly<Record<string, unknown>> = {
		smtp: { host: 'mail.example.com' },
		resend: { api_key: 'k' },
		sendgrid: { api_key: 'k' },
		postmark: { server_token: 'k' },
		mailgun: { api_key: 'k', domain: 'mg.example.com' },
	};

	it('is asked of every mail service', () => {
		const keys = CHANNELS.find(({ id }) => id === 'email')?.services.map(({ key }) => key);
		expect(Object.keys(SETTINGS).sort()).toEqual([...(keys ?? [])].sort());
	});

	it.each(Object.entries(SETTINGS))('is one mailbox for %s, whatever its name', (key, settings) => {
		for (const from of SENDERS) {
			const [mailbox, ...others] = addressparser(sentBy(key, settings, from));
			expect(others).toEqual([]);
			expect(mailbox?.address).toBe('ops@example.com');
			const [meant] = addressparser(
				from.startsWith('"') ? from : from.replace(/^(.*) </, '"$1" <'),
			);
			expect(mailbox?.name).toBe(meant?.name);
		}
		const settingsOf = (from: string) => ({ [key]: settings, from });
		expect(openConnection('email', 'mail', settingsOf('ops')).ok).toBe(false);
	});
});
