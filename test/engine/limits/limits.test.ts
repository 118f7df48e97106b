import {
	afterHold,
	afterOutcome,
	accept,
	type ConnectionState,
	DEFAULT_LIMITS,
	ERROR_CODES,
	type ErrorCode,
	FRESH,
	type Outcome,
	freeAt,
	type FullAt,
	openConnection,
	type Rate,
	type RetryPolicy,
	roomIn,
	taken,
	timeLeft,
} from '@sureping/engine';
import fc from 'fast-check';
import { countingIds, EXACT, planOf, T0, target } from '../../support/dispatch-scene.ts';

describe('a rate', () => {
	const anyRate = fc.record({
		perS: fc.double({ min: 0.01, max: 500, noNaN: true }),
		burst: fc.integer({ min: 1, max: 50 }),
	});

	it('is never exceeded in any span of time, and is reached by whoever always takes what is free', () => {
		fc.assert(
			fc.property(
				anyRate,
				fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 50 }),
				(rate, pauses) => {
					const starts: number[] = [];
					let fullAt: FullAt = 0;
					let now = T0;
					for (const pause of pauses) {
						now += pause;
						for (let room = roomIn(rate, fullAt, now); room > 0; room--) {
							fullAt = taken(rate, fullAt, now);
							starts.push(now);
						}
						expect(freeAt(rate, fullAt)).toBeGreaterThan(now);
						expect(roomIn(rate, fullAt, freeAt(rate, fullAt))).toBeGreaterThanOrEqual(1);
					}
					starts.forEach((from, i) => {
						starts.slice(i).forEach((to, n) => {
							expect(n + 1).toBeLessThanOrEqual(
								rate.burst + ((to - from) * rate.perS) / 1000 + 1e-3,
							);
						});
					});
				},
			),
			{ numRuns: 60 },
		);
	});

	it('finds its bucket empty at worst when the clock is set back', () => {
		const rate: Rate = { perS: 1, burst: 1 };
		expect(roomIn(rate, taken(rate, 0, T0), T0 - 3_600_000)).toBe(0);
	});
});

describe('an attempt that was held back', () => {
	const anyPolicy: fc.Arbitrary<RetryPolicy> = fc
		.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 6 })
		.map((delaysMs) => ({ ...EXACT, delaysMs }));

	it('leaves its delivery no more attempts than before, and the same end', () => {
		fc.assert(
			fc.property(anyPolicy, fc.integer({ min: 0, max: 700_000 }), (policy, heldMs) => {
				const { notification } = accept(planOf([target('slack', policy)]), T0, countingIds());
				const [before] = notification.deliveries;
				const [after] = afterHold(notification, before!.id, heldMs).deliveries;
				expect(after!.policy.delaysMs.length).toBeLessThanOrEqual(policy.delaysMs.length);
				expect(after!.policy.delaysMs.every((delay) => delay >= 0)).toBe(true);
				const end = timeLeft(policy, 0);
				expect(heldMs + timeLeft(after!.policy, 0)).toBe(Math.max(heldMs, end));
			}),
		);
	});
});

describe('what an outcome says of a whole connection', () => {
	const failed = (
		code: ErrorCode,
		more: Partial<Extract<Outcome, { result: 'failed' }>>,
	): ConnectionState => {
		const error = { code, message: 'no' };
		const outcome = { result: 'failed', permanent: false, error, ...more } as const;
		let state = FRESH;
		for (let i = 0; i < 20; i++) {
			state = afterOutcome(DEFAULT_LIMITS, state, outcome, { now: T0, isProbe: false });
		}
		return state;
	};
	const PARTIES = ['recipient', 'message', 'sender', 'service', 'us'] as const;
	const codes = Object.keys(ERROR_CODES) as ErrorCode[]; // The keys of a constant object.

	it.each(PARTIES)('opens its breaker only where nobody is there: about %s', (about) => {
		const opening = codes.filter((code) => failed(code, { about }).breaker.open !== undefined);
		const silence = ['TIMEOUT', 'CONNECTION_FAILED', 'SERVICE_UNAVAILABLE'];
		expect(opening).toEqual(about === 'service' ? silence : []);
	});

	it('leaves an open breaker open where nobody was asked', () => {
		const open = failed('TIMEOUT', {});
		const word = (code: ErrorCode): boolean => {
			const error = { code, message: 'no' };
			const outcome = { result: 'failed', permanent: false, error, about: 'us' } as const;
			const when = { now: T0 + 60_000, isProbe: true };
			return afterOutcome(DEFAULT_LIMITS, open, outcome, when).breaker.open !== undefined;
		};
		expect(codes.filter(word)).toEqual([
			'TIMEOUT',
			'CONNECTION_FAILED',
			'EXPIRED',
			'NOT_CONFIGURED',
		]);
	});

	it.each(PARTIES)('pauses it for a rate limit, but not for one recipient’s: about %s', (about) => {
		const { pausedUntil } = failed('RATE_LIMITED', { about, retryAfterMs: 5_000 });
		expect(pausedUntil).toBe(about === 'recipient' ? 0 : T0 + 5_000);
	});
});

describe("a connection's limits by default", () => {
	const limitsOf = (channel: string, settings: Record<string, unknown>) => {
		const opened = openConnection(channel, 'one', settings);
		if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
		return opened.connection.limits;
	};

	it('are those that the vendor documents', () => {
		const webhook_url = 'https://hooks.slack.com/services/T0/B0/x';
		expect(limitsOf('slack', { webhook_url })).toEqual({ rate: { perS: 1, burst: 1 } });
		const telegram = limitsOf('telegram', { bot_token: '1:a' });
		expect(telegram?.rate).toEqual({ perS: 30, burst: 30 });
		expect(telegram?.recipientRate?.('123')).toEqual({ perS: 1, burst: 1 });
		for (const group of ['-100123', '@ops']) {
			const { perS, burst } = telegram!.recipientRate!(group);
			expect(burst + 60 * perS).toBe(20);
		}
		const discord = 'https://discord.com/api/webhooks/1/x';
		expect(limitsOf('discord', { webhook_url: discord })?.concurrency).toBe(1);
	});

	it('are none for another server that speaks the vendor’s format', () => {
		expect(limitsOf('slack', { webhook_url: 'https://chat.example.com/hooks/x' })).toEqual({});
		const base_url = 'https://proxy.example.com';
		expect(limitsOf('telegram', { bot_token: '1:a', base_url })).toEqual({});
	});

	it('follow Discord’s headers: after the last free request, silence', async () => {
		const opened = openConnection('discord', 'one', {
			webhook_url: 'https://discord.com/api/webhooks/1/x',
		});
		if (!opened.ok) throw new Error('It is complete');
		const call = opened.connection.prepare({
			notificationId: 'n',
			deliveryId: 'd',
			recipient: 'one',
			text: 't',
			metadata: {},
			attempt: 1,
			now: T0,
			timeoutMs: 1000,
		});
		if (call.via !== 'http') throw new Error('It is HTTP');
		const reply = (remaining: string) => ({
			status: 200,
			headers: { 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset-after': '1.25' },
			body: '{"id":"1"}',
		});
		expect(call.classify(reply('3'), T0)).not.toHaveProperty('pauseMs');
		expect(call.classify(reply('0'), T0)).toMatchObject({ result: 'delivered', pauseMs: 1250 });
	});
});
