import { spawnSync } from 'node:child_process';
import { explainRejection, receive, type RejectionReason } from '@sureping/engine';
import { type Verdict, verdictText } from '../../runner/cli/verdict-text.ts';
import {
	NOW,
	SECRET,
	SIGNED_AT,
	signedRequest,
	type SignedRequest,
} from '../support/signed-request.ts';
import { RUNNER } from '../support/runner-process.ts';

/** A request as it goes over the wire, and as people paste it. */
function wire({ headers, body }: SignedRequest): Buffer {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return Buffer.concat([Buffer.from(`POST /hook HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), body]);
}

function verify(input: Buffer | string, args: readonly string[] = []) {
	const always = ['verify', '--provider', 'one-ping', '--at', String(SIGNED_AT)];
	const secret = args.includes('--secret') ? [] : ['--secret', SECRET];
	const done = spawnSync(process.execPath, [...RUNNER, ...always, ...secret, ...args], {
		input,
		encoding: 'utf8',
		timeout: 60_000,
	});
	return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('sureping verify, asked why', () => {
	it('adds an explanation to a refusal and nothing to an acceptance', () => {
		const accepted = verify(wire(signedRequest()));
		expect(accepted.code).toBe(0);
		expect(Object.keys(JSON.parse(accepted.out))).toEqual(['ok', 'events']);
		const refused = verify(wire(signedRequest()), ['--secret', `"${SECRET}"`]);
		expect(refused.code).toBe(1);
		expect(JSON.parse(refused.out)).toEqual({
			ok: false,
			reason: 'bad_signature',
			explanation: {
				rule: expect.stringContaining('HMAC-SHA256'),
				documentation: expect.stringContaining('Signature Verification'),
				expected: expect.any(String),
				received: expect.any(String),
				mistakes: [{ code: 'secret_has_quotes', message: expect.stringContaining('quotes') }],
			},
		});
	});

	it('notices the line break that a shell put after a body', () => {
		const spaced = `{ "event": "notification.delivered" , "n": 1.50 }`;
		const echoed = Buffer.concat([wire(signedRequest(spaced)), Buffer.from('\n')]);
		const { code, out } = verify(echoed);
		expect([code, JSON.parse(out).explanation.mistakes[0].code]).toEqual([
			1,
			'body_has_added_line_break',
		]);
	});

	it('prints JSON wherever it is not a terminal, and with --json', () => {
		const { out } = verify(wire(signedRequest()), ['--json']);
		expect(JSON.parse(out).ok).toBe(true);
	});

	it('takes the URL that was called', () => {
		expect(verify(wire(signedRequest()), ['--url', 'https://example.com/hook']).code).toBe(0);
	});

	it.each(['1e400', '99999999999999999999', '-1', 'NaN', ''])('exits with 2 for --at %j', (at) => {
		const { code, out } = verify(wire(signedRequest()), ['--at', at]);
		expect([code, out]).toEqual([2, '']);
	});

	it('tells neither the secret nor a signature', () => {
		const { headers } = signedRequest();
		const signature = headers['x-oneping-signature']!.slice('sha256='.length);
		const mistakes: Record<string, Record<string, string>> = {
			malformed_signature: { 'x-oneping-signature': signature },
			stale: { 'x-oneping-timestamp': String(SIGNED_AT - 1000) },
			bad_timestamp: { 'x-oneping-timestamp': `${SIGNED_AT}000` },
		};
		for (const [reason, more] of Object.entries(mistakes)) {
			const request = { ...signedRequest(), headers: { ...headers, ...more } };
			const { code, out, err } = verify(wire(request));
			expect([code, JSON.parse(out).reason]).toEqual([1, reason]);
			expect(out + err).not.toContain(signature);
			expect(out + err).not.toContain(SECRET);
		}
	});
});

describe('sureping verify, on a terminal', () => {
	const textOf = (request: SignedRequest, secret: string): string => {
		const received = receive('one-ping', request, [secret], { now: NOW });
		const explained = (reason: RejectionReason): Verdict => ({
			ok: false,
			reason,
			explanation: explainRejection(reason, 'one-ping', request, [secret], { now: NOW }),
		});
		return verdictText(received.ok ? received : explained(received.reason));
	};

	it('says what a genuine request tells', () => {
		expect(textOf(signedRequest(), SECRET)).toBe(
			'Genuine\n\n  notification.delivered  msg_a1b2c3d4e5  telegram  delivered',
		);
	});

	it('says what was expected, what came, where that is documented, and what would explain it', () => {
		expect(textOf(signedRequest(), ` ${SECRET}`)).toBe(
			[
				'Refused: The signature does not belong to this request and secret (bad_signature)',
				'',
				'  rule      The signature is the HMAC-SHA256 of timestamp, a dot and the raw body, with all of the secret as the key',
				'  see       One-Ping, Webhooks, "Security: Signature Verification"',
				'  expected  the signature that this secret, this timestamp and these bytes have',
				'  received  another one, over a body of 272 bytes that is JSON',
				'',
				'This would explain it:',
				'  - The secret has white space around it that does not belong to it',
			].join('\n'),
		);
	});

	it('lets no request write to the terminal', () => {
		const request = signedRequest();
		const headers = { 'x-\u001b[2jsign': 'a', 'x-oneping-timestamp': '\u001b[31m\u009b' };
		expect(textOf({ ...request, headers }, SECRET)).not.toMatch(
			/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
		);
	});
});
