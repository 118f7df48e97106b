import { parseConfig } from '../../runner/config/load.ts';

const KEY = { name: 'test', key: 'sp_test_key_0123456789' };
const load = (endpoint: object, more: object = {}) => {
	const config = {
		api_keys: [KEY],
		endpoints: [{ name: 'e', url: 'https://a.example', ...endpoint }],
	};
	return parseConfig(JSON.stringify({ ...config, ...more }), 'config', {}).endpoints[0];
};
const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';

describe('an endpoint of the config file', () => {
	it.each([
		[{}, /endpoints\.0\.secret: is needed: sureping signs with it/],
		[{ profile: 'onepush' }, /endpoints\.0\.secret: is needed/],
		[{ profile: 'notificationapi', secret }, /endpoints\.0\.secret: must be left out/],
		[
			{ profile: 'standard-webhooks', secret: 'my own secret text' },
			/endpoints\.0\.secret: must be whsec_ and base64/,
		],
		[
			{ profile: 'otpiq', secret: 'with some spaces in it' },
			/endpoints\.0\.secret: must be printable/,
		],
		[
			{ profile: 'pingram', secret, batch: { max_events: 2, max_wait_ms: 1 } },
			/endpoints\.0\.batch: pingram has no requests with several events/,
		],
		[{ secret, report_type: 'final' }, /endpoints\.0\.report_type: sureping has no report types/],
	])('is refused: %j', (endpoint, problem) => {
		expect(() => load(endpoint)).toThrow(problem);
	});

	it('has its format’s events, schedule and time to answer', () => {
		expect(load({ profile: 'otpiq' })).toMatchObject({
			reportType: 'all',
			events: ['notification.sent', 'notification.delivered', 'notification.failed'],
			policy: { timeoutMs: 10_000, delaysMs: { length: 10 } },
		});
		expect(load({ profile: 'otpiq' })).not.toHaveProperty('secret');
		expect(load({ profile: 'onepush', secret })?.policy.timeoutMs).toBe(5_000);
	});

	it('has the schedule of all webhooks where one is written, and its own before that', () => {
		const more = { webhook_retry: { delays_s: [1, 2] } };
		expect(load({ profile: 'otpiq' }, more)?.policy.delaysMs).toEqual([1_000, 2_000]);
		const retry = { delays_s: [3] };
		expect(load({ profile: 'otpiq', retry }, more)?.policy.delaysMs).toEqual([3_000]);
	});

	it('may have batches', () => {
		const batch = { max_events: 100, max_wait_ms: 250 };
		expect(load({ secret, batch })?.batch).toEqual({ maxEvents: 100, maxWaitMs: 250 });
	});
});
