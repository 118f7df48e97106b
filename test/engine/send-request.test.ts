import { sendRequestSchema } from '@sureping/engine';

const GOOD = { message: 'Hello', channels: ['slack'] };

/** The schema's complaints, as `path: message`. */
function complaints(request: unknown): string[] {
	const { error } = sendRequestSchema.safeParse(request);
	return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Arrays inside each other, this many. */
function nested(depth: number): unknown {
	let value: unknown = 'core';
	for (let i = 0; i < depth; i++) value = [value];
	return value;
}

describe('sendRequestSchema', () => {
	it('takes the smallest request', () => {
		expect(sendRequestSchema.parse(GOOD)).toEqual(GOOD);
	});

	it('takes a request with everything in it, unchanged', () => {
		const request = {
			...GOOD,
			channels: ['slack:ops-slack', 'email', 'web_push:1'],
			recipient: { slack: '#ops', email: 'ada@example.com' },
			subject: 'Pump 3',
			metadata: { order_id: 'ORD-5678', list: [1, { deep: null }], constructor: 'Ferrari' },
			callback_url: 'https://example.com/hook',
			retry: { delays_s: [0.5, 2], jitter: 0, timeout_s: 3 },
			fallback_channels: ['console'],
			send_at: '2025-01-15T10:30:00+02:00',
			expires_at: '2025-01-15T10:30:00.123Z',
			priority: 'critical',
			idempotency_key: 'order-5678',
		};
		expect(sendRequestSchema.parse(request)).toEqual(request);
	});

	it.each<[string, object, RegExp]>([
		['no message', { message: undefined }, /^message: /],
		['an empty message', { message: '' }, /^message: must not be empty$/],
		['a message that is no text', { message: 5 }, /^message: .*string/],
		['no channels', { channels: [] }, /^channels: must name at least one channel$/],
		['channels that are no list', { channels: 'slack' }, /^channels: .*array/],
		[
			'a channel in capitals',
			{ channels: ['Slack'] },
			/^channels\.0: must be a channel such as "slack"/,
		],
		['a connection without a name', { channels: ['slack:'] }, /^channels\.0: must be a channel/],
		['a connection of two names', { channels: ['slack:a:b'] }, /^channels\.0: must be a channel/],
		['too many channels', { channels: Array(21).fill('slack') }, /^channels: .*20/],
		['a bad fallback', { fallback_channels: ['-'] }, /^fallback_channels\.0: must be a channel/],
		['a recipient list', { recipient: ['a', 'b'] }, /^recipient: must be an address, or an object/],
		['an empty recipient', { recipient: '' }, /^recipient: must be an address/],
		['an empty address', { recipient: { slack: '' } }, /^recipient: must be an address/],
		['a relative callback', { callback_url: '/hook' }, /^callback_url: must be an absolute URL$/],
		['retry in words', { retry: 'yes' }, /^retry: must be true, false or an object of delays_s/],
		['a negative delay', { retry: { delays_s: [-1] } }, /^retry: must be/],
		['jitter above 1', { retry: { jitter: 1.1 } }, /^retry: must be/],
		['no time at all', { retry: { timeout_s: 0 } }, /^retry: must be/],
		['a date without a time', { send_at: '2025-01-15' }, /^send_at: .*datetime/],
		['a time without a zone', { expires_at: '2025-01-15T10:30:00' }, /^expires_at: .*datetime/],
		['a day that does not exist', { send_at: '2025-02-30T00:00:00Z' }, /^send_at: .*datetime/],
		['an unknown priority', { priority: 'high' }, /^priority: .*"critical"\|"normal"/],
		['an empty idempotency key', { idempotency_key: '' }, /^idempotency_key: /],
		['metadata that is a list', { metadata: [] }, /^metadata: .*object/],
		['an unknown field', { chanels: ['slack'] }, /^: .*"chanels"/],
	])('refuses %s and says what to change', (_what, change, complaint) => {
		expect(complaints({ ...GOOD, ...change })).toEqual([expect.stringMatching(complaint)]);
	});

	it('lists every mistake at once', () => {
		expect(complaints({ message: '', channels: ['?'], priority: 1 })).toHaveLength(3);
	});

	it('takes metadata of 64 levels and refuses more, however much, without running out of stack', () => {
		expect(complaints({ ...GOOD, metadata: { deep: nested(63) } })).toEqual([]);
		const complaint = 'metadata: must not nest deeper than 64 levels';
		expect(complaints({ ...GOOD, metadata: { deep: nested(64) } })).toEqual([complaint]);
		expect(complaints({ ...GOOD, metadata: { deep: nested(200_000) } })).toEqual([complaint]);
	});
});
