import { hostOutcome } from '@sureping/engine';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const error = { code: 'SERVICE_UNAVAILABLE', message: 'The endpoint answered 503' } as const;

describe('the outcome of a callback for its host', () => {
	it('is a success where it was acknowledged', () => {
		const reply = { status: 200, headers: {}, body: '' };
		expect(hostOutcome(reply, undefined, NOW)).toMatchObject({ result: 'delivered' });
	});

	it('is a failure for now, with the pause that the host asked for', () => {
		const reply = { status: 503, headers: { 'retry-after': '90' }, body: '' };
		expect(hostOutcome(reply, error, NOW)).toEqual({
			result: 'failed',
			permanent: false,
			error,
			about: undefined,
			retryAfterMs: 90_000,
		});
	});

	it('is our own matter where this host is offline', () => {
		const reply = { failure: 'offline', detail: 'ENETUNREACH' } as const;
		expect(hostOutcome(reply, error, NOW)).toMatchObject({ result: 'failed', about: 'us' });
		const down = { failure: 'connection', detail: 'ECONNREFUSED' } as const;
		expect(hostOutcome(down, error, NOW)).toMatchObject({ result: 'failed', about: undefined });
	});

	it('is none where the URL must not be called, so that the host was not asked', () => {
		const reply = { failure: 'refused_url', detail: 'is private' } as const;
		expect(hostOutcome(reply, error, NOW)).toBeUndefined();
	});
});
