import {
	answerText,
	encodeWebhook,
	operationalEvent,
	receive,
	refuseHeaders,
	settleWebhook,
	subscribersOf,
	type WebhookDelivery,
	WEBHOOK_RETRY,
} from '@sureping/engine';

const START = Date.parse('2026-01-01T00:00:00Z');
const newId = () => 'evt_1';

describe('what is kept of an answer', () => {
	it('is its first 4,096 characters, without what could harm a terminal or a log', () => {
		expect(answerText('x'.repeat(9_000))).toHaveLength(4_096);
		expect(answerText('a\u001b[31mred\u0007\r\nline\tb\u202ec\u0000')).toBe(
			'a�[31mred��\nline\tb�c�',
		);
		expect(answerText('x'.repeat(4_095) + '😀').isWellFormed()).toBe(true);
	});

	it('repeats no secret that the request carried, also where it is cut', () => {
		const secret = 'Bearer_very_secret';
		expect(answerText(`you sent ${secret}!`, [secret])).toBe('you sent [hidden]!');
		const cut = answerText('x'.repeat(4_090) + secret, [secret]);
		expect(cut.slice(4_090)).toBe('[hidde');
	});

	it('is that of the newest attempts only', () => {
		let delivery: WebhookDelivery = { id: 'whd_1', state: 'pending', attempts: [] };
		const policy = { ...WEBHOOK_RETRY, jitter: 0 };
		for (let i = 0; i < 6; i++) {
			const reply = { status: 500, headers: {}, body: `no ${i}` };
			const time = { at: START + i, latencyMs: 1 };
			delivery = settleWebhook(delivery, reply, time, { policy, ack: '2xx' }, () => 0.5);
		}
		expect(delivery.state).toBe('exhausted');
		expect(delivery.attempts).toHaveLength(6);
		const answers = delivery.attempts.flatMap(({ answer }) => answer ?? []);
		expect(answers).toEqual(['no 3', 'no 4', 'no 5']);
	});
});

describe('headers of one’s own', () => {
	it.each([
		['Content-Length', '1', 'reserved'],
		['Webhook-Signature', 'v1,x', 'reserved'],
		['x-oneping-timestamp', '1', 'reserved'],
		['Host', 'elsewhere', 'reserved'],
		['Bad Name', 'x', 'name of a header'],
		['X-Split', 'a\r\nX-Evil: 1', 'printable'],
		['X-Empty', '', 'printable'],
		['X-Long', 'x'.repeat(3000), 'at most'],
	])('refuse %s', (name, value, why) => {
		expect(refuseHeaders({ [name]: value })).toEqual([
			{ name, message: expect.stringContaining(why) },
		]);
	});

	it('may hold a token, but none twice and no more than sixteen', () => {
		expect(refuseHeaders({ Authorization: 'Bearer t0ken', 'X-Tenant': 'a b' })).toEqual([]);
		expect(refuseHeaders({ 'X-A': '1', 'x-a': '2' })).toHaveLength(1);
		const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`X-${i}`, 'x']));
		expect(refuseHeaders(many)).toEqual([{ name: '', message: 'must be at most 16' }]);
	});
});

describe('an event about an endpoint', () => {
	const endpoint = { id: 'ep_1', name: 'n8n' };
	const event = operationalEvent('endpoint.disabled', endpoint, { reason: 'gone' }, START, newId);
	const options = { signatureInput: 'timestamped', reportType: 'all' } as const;

	it('goes to those who named its type, in formats that have words for it', () => {
		const background = { hasCallback: false, earlier: () => [] };
		const wants = (profile: 'sureping' | 'pingram', events: 'endpoint.disabled' | 'unknown') => ({
			...{ profile, events: [events], isDefault: false, ...options },
		});
		const all = [
			wants('sureping', 'endpoint.disabled'),
			wants('sureping', 'unknown'),
			wants('pingram', 'endpoint.disabled'),
		];
		expect(subscribersOf(event, background, all)).toEqual(all.slice(0, 1));
	});

	it('is signed like every other, with each secret of a rotation', () => {
		const secrets = [
			'whsec_newest_0123456789',
			'whsec_before_0123456789',
			'whsec_first_0123456789',
		];
		const message = encodeWebhook('sureping', [event], { ...options, secrets, now: START });
		expect(JSON.parse(message?.body ?? '')).toMatchObject({ event: 'endpoint.disabled' });
		const former = message?.headers['X-Sureping-Former-Signature'] ?? '';
		expect(former).toMatch(/^sha256=[0-9a-f]{64},sha256=[0-9a-f]{64}$/);
	});
});

describe('the trigger during a rotation', () => {
	const secrets = ['whsec_newest_0123456789', 'whsec_before_0123456789', 'whsec_first_0123456789'];
	const event = {
		event: 'notification.queued',
		status: 'queued',
		notification_id: 'msg_1',
		delivery_id: 'dlv_1',
		event_id: 'evt_1',
		sequence: 1,
		channel: 'console',
		recipient: 'terminal',
		metadata: {},
		timestamp: '2026-01-01T00:00:00.000Z',
	} as const;

	it.each(['timestamped', 'python-json', 'body-only'] as const)(
		'verifies with any of the secrets, and with no other (%s)',
		(signatureInput) => {
			const signing = { signatureInput, reportType: 'all', secrets, now: START } as const;
			const message = encodeWebhook('sureping', [event], signing);
			const headers = Object.fromEntries(
				Object.entries(message?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
			);
			const request = { method: 'POST', url: '/', headers, body: Buffer.from(message?.body ?? '') };
			const isGenuine = (secret: string, sent = request): boolean =>
				receive('sureping', sent, [secret], { now: START, signatureInput }).ok;
			for (const secret of secrets) expect([secret, isGenuine(secret)]).toEqual([secret, true]);
			expect(isGenuine('whsec_other_0123456789')).toBe(false);
			const changed = {
				...request,
				body: Buffer.from(message?.body.replace('msg_1', 'msg_2') ?? ''),
			};
			expect(isGenuine(secrets[1] ?? '', changed)).toBe(false);
		},
	);
});
