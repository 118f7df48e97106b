import { createHmac, timingSafeEqual } from 'node:crypto';
import {
	encodeWebhook,
	PROFILES,
	type SignatureInput,
	signingKey,
	signOnePing,
	type WebhookMessage,
} from '@sureping/engine';
import { pythonJson } from '../../../engine/signing/python-json.ts';
import { planOf, rejected, Scene } from '../../support/dispatch-scene.ts';
import { describeWithPython, python } from '../../support/python.ts';

const SECRET = 'whsec_test';
const AT = 1_705_312_200_000;
const PAYLOAD = {
	event: 'notification.delivered',
	notification_id: 'msg_a1b2c3d4e5',
	channel: 'telegram',
	status: 'delivered',
	recipient: '@usernämé',
	metadata: { order_id: 'ORD-5678' },
};

function signature(body: string, input: SignatureInput): string {
	return signOnePing(signingKey(SECRET), body, AT, input)['X-OnePing-Signature'];
}

function realEvent(): Scene['events'][number] {
	const scene = new Scene(planOf(['slack'], ['email'], { metadata: { näme: 'Zoë 🚀', n: 1e-7 } }));
	scene.attempt('slack', rejected);
	const event = scene.events.find((one) => one.event === 'notification.failed');
	if (!event) throw new Error('No event');
	return event;
}

describe('signOnePing', () => {
	// Computed once with One-Ping's published samples; the key is the UTF-8 of the whole secret, prefix included.
	it.each<[SignatureInput, string, string]>([
		[
			'timestamped',
			JSON.stringify(PAYLOAD),
			'0d359a875cd6b286a3358a4264ee69d6cf682d1918d2dcc7330a35cbb3801f65',
		],
		[
			'body-only',
			JSON.stringify(PAYLOAD),
			'dbabf82f5e6820e94960f53a00591b4986cd123aeee908ef4f94e7069c090a7e',
		],
		[
			'python-json',
			pythonJson(PAYLOAD),
			'352e2829763cb8ed986cb8f4d2cacfd7d838e24e0e32a43de8d77d072501ab42',
		],
	])('gives the known value for %s', (input, body, hex) => {
		expect(signature(body, input)).toBe(`sha256=${hex}`);
	});

	it('stamps unix seconds, rounded down', () => {
		const stamp = (now: number): string =>
			signOnePing(signingKey(SECRET), '{}', now)['X-OnePing-Timestamp'];
		expect([stamp(AT), stamp(AT + 999), stamp(AT + 1_000)]).toEqual([
			'1705312200',
			'1705312200',
			'1705312201',
		]);
	});

	it('signs with the whole secret, not the part behind its prefix', () => {
		const other = signOnePing(signingKey('test'), '{}', AT)['X-OnePing-Signature'];
		expect(signature('{}', 'timestamped')).not.toBe(other);
		expect(signature('{}', 'timestamped')).toBe(
			`sha256=${createHmac('sha256', SECRET).update('1705312200.{}').digest('hex')}`,
		);
	});
});

describe('signingKey', () => {
	it('keeps one key per secret, and right ones however many there are', () => {
		expect(signingKey('one')).toBe(signingKey('one'));
		for (let i = 0; i < 1_000; i++) signingKey(`secret-${i}`);
		expect(signingKey('secret-0').export().toString()).toBe('secret-0');
	});
});

/** The receiver of One-Ping's documentation, in its steps; `now` stands in for the clock. */
function verifiedByNodeSample(
	headers: Readonly<Record<string, string>>,
	parsedBody: unknown,
	now: number,
): boolean {
	const given = headers['x-oneping-signature'] ?? '';
	const timestamp = headers['x-oneping-timestamp'] ?? '';
	if (Math.abs(now / 1000 - Number.parseInt(timestamp, 10)) > 300) return false;
	const digest = createHmac('sha256', SECRET)
		.update(`${timestamp}.${JSON.stringify(parsedBody)}`)
		.digest('hex');
	return timingSafeEqual(Buffer.from(given), Buffer.from(`sha256=${digest}`));
}

function sent(signatureInput: SignatureInput): WebhookMessage {
	const signing = { secrets: [SECRET], now: AT, signatureInput, reportType: 'all' } as const;
	const message = encodeWebhook('one-ping', [realEvent()], signing);
	if (!message) throw new Error('One-Ping has a word for it');
	return message;
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
	Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

describe('what the one-ping profile sends', () => {
	const encode = (input: SignatureInput): { headers: Record<string, string>; body: string } => {
		const { headers, body } = sent(input);
		return { headers: lowerCase(headers), body };
	};

	it('is compact JSON with the event in it', () => {
		const { headers, body } = encode('timestamped');
		expect(body).toBe(JSON.stringify(realEvent()));
		expect(headers).toEqual({
			'content-type': 'application/json',
			'x-oneping-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
			'x-oneping-timestamp': '1705312200',
			'x-oneping-event-id': realEvent().event_id,
		});
	});

	it('is verified by One-Ping’s Node sample', () => {
		const { headers, body } = encode('timestamped');
		expect(verifiedByNodeSample(headers, JSON.parse(body), AT)).toBe(true);
		expect(verifiedByNodeSample(headers, JSON.parse(body.replace('Zoë', 'Zoe')), AT)).toBe(false);
		expect(verifiedByNodeSample(headers, JSON.parse(body), AT + 301_000)).toBe(false);
	});

	it('is verified by a reader of raw bytes, also in Python’s spelling', () => {
		for (const input of ['timestamped', 'python-json'] as const) {
			const { headers, body } = encode(input);
			const digest = createHmac('sha256', SECRET).update(`1705312200.${body}`).digest('hex');
			expect(headers['x-oneping-signature']).toBe(`sha256=${digest}`);
		}
	});

	it('has the five documented events as its default, and every event in the sureping profile', () => {
		expect(PROFILES['one-ping'].defaultEvents).toHaveLength(5);
		expect(PROFILES['one-ping'].defaultEvents).not.toContain('notification.queued');
		expect(PROFILES.sureping.defaultEvents).toEqual(
			expect.arrayContaining([...PROFILES['one-ping'].defaultEvents, 'notification.queued']),
		);
	});
});

describeWithPython('One-Ping’s Python sample (skipped where there is no python3)', () => {
	/** The documented receiver's steps, reading the request from standard input. */
	const SAMPLE = `
import hashlib, hmac, json, sys
request = json.load(sys.stdin)
payload = request['timestamp'] + '.' + json.dumps(json.loads(request['body']))
digest = hmac.new(request['secret'].encode(), payload.encode(), hashlib.sha256).hexdigest()
print(hmac.compare_digest(request['signature'], 'sha256=' + digest))
`;
	const verified = (input: SignatureInput): boolean => {
		const { headers, body } = sent(input);
		const request = {
			secret: SECRET,
			body,
			timestamp: headers['X-OnePing-Timestamp'],
			signature: headers['X-OnePing-Signature'],
		};
		return python(SAMPLE, JSON.stringify(request)).trim() === 'True';
	};

	it('verifies an endpoint set to python-json', () => {
		expect(verified('python-json')).toBe(true);
	});

	it('cannot verify compact JSON, which is why the setting exists', () => {
		expect(verified('timestamped')).toBe(false);
	});
});
