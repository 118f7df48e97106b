import {
	afterOutcome,
	type ConnectionState,
	DEFAULT_LIMITS,
	FRESH,
	openingOf,
	type Outcome,
	settleWebhook,
	type TransportFailure,
	WEBHOOK_RETRY,
} from '@sureping/engine';
import { networkInterfaces } from 'node:os';
import { LOCAL_CODES, localFault } from '../../runner/transport/local-fault.ts';
import { LocalFaultLog } from '../../runner/transport/local-fault-log.ts';
import { EXACT, ONCE, planOf, Scene, T0, target } from '../support/dispatch-scene.ts';
import { open, outcomeOver, outgoing } from '../support/outgoing.ts';

const errorOf = (code: string, more: object = {}): Error =>
	Object.assign(new Error(code), { code, ...more });

/** The party of each code, and if the breaker counts it and an attempt is used up. */
const CODES: readonly [code: string, whose: 'exhausted' | 'offline' | 'theirs'][] = [
	['EMFILE', 'exhausted'],
	['ENFILE', 'exhausted'],
	['EADDRNOTAVAIL', 'exhausted'],
	['EADDRINUSE', 'exhausted'],
	['ENOBUFS', 'exhausted'],
	['ENOMEM', 'exhausted'],
	['EAI_MEMORY', 'exhausted'],
	['ENOSPC', 'exhausted'],
	['EAGAIN', 'exhausted'],
	['EAI_AGAIN', 'offline'],
	['ETIMEOUT', 'offline'],
	['EAI_FAIL', 'offline'],
	['EAI_SYSTEM', 'offline'],
	['ENETDOWN', 'offline'],
	['ENETUNREACH', 'offline'],
	['EACCES', 'offline'],
	['EPERM', 'offline'],
	['ERR_ACCESS_DENIED', 'offline'],
	['EAFNOSUPPORT', 'offline'],
	['ECONNREFUSED', 'theirs'],
	['ECONNRESET', 'theirs'],
	['ECONNABORTED', 'theirs'],
	['EHOSTUNREACH', 'theirs'],
	['EHOSTDOWN', 'theirs'],
	['ENOTFOUND', 'theirs'],
	['EPIPE', 'theirs'],
	['EPROTO', 'theirs'],
	['ETIMEDOUT', 'theirs'],
	['UND_ERR_SOCKET', 'theirs'],
	['CERT_HAS_EXPIRED', 'theirs'],
	['toString', 'theirs'],
];

/** Every channel's reading of a transport's failure. */
async function outcomeAfter(failure: TransportFailure): Promise<Outcome> {
	const connection = open('webhook', { url: 'https://hooks.example.com/x' });
	return await outcomeOver({ http: async () => failure }, connection, outgoing());
}

function afterTwenty(outcome: Outcome): ConnectionState {
	let state = FRESH;
	for (let i = 0; i < 20; i++) {
		state = afterOutcome(DEFAULT_LIMITS, state, outcome, { now: T0 + i, isProbe: false });
	}
	return state;
}

it('has a line in this table for each code of this host', () => {
	const ours = CODES.filter(([, whose]) => whose !== 'theirs').map(([code]) => code);
	expect([...LOCAL_CODES].sort()).toEqual(ours.sort());
});

describe.each(CODES)('%s', (code, whose) => {
	const fault = localFault(errorOf(code));
	const failure: TransportFailure = fault ?? { failure: 'connection', detail: code };

	it(`is ${whose}, however it is wrapped`, () => {
		const kind = whose === 'theirs' ? undefined : whose;
		expect(fault?.failure).toBe(kind);
		expect(localFault(errorOf('ESOCKET', { originalCode: code }))?.failure).toBe(kind);
		expect(localFault(new Error('failed', { cause: errorOf(code) }))?.failure).toBe(kind);
		if (fault) expect(fault.detail).toContain(code);
	});

	it(whose === 'theirs' ? 'opens the breaker' : 'opens no breaker', async () => {
		const { breaker } = afterTwenty(await outcomeAfter(failure));
		expect(breaker.open !== undefined).toBe(whose === 'theirs');
	});

	it(whose === 'exhausted' ? 'uses up no attempt' : 'uses up an attempt', async () => {
		const outcome = await outcomeAfter(failure);
		const scene = new Scene(planOf([target('slack', ONCE)]));
		const events = scene.attempt('slack', outcome);
		const { state, attempts, dueAt } = scene.delivery('slack');
		if (whose === 'exhausted') {
			expect({ state, attempts, dueAt, events }).toEqual({
				state: 'queued',
				attempts: [],
				dueAt: T0 + 200 + 1_000,
				events: [],
			});
		} else expect({ state, attempts: attempts.length }).toEqual({ state: 'failed', attempts: 1 });
	});

	it(`of a webhook is ${whose === 'exhausted' ? 'no attempt' : 'an attempt'}`, () => {
		const before = { id: 'whd_1', state: 'pending', attempts: [], dueAt: T0 } as const;
		const rules = { policy: WEBHOOK_RETRY, ack: '2xx' } as const;
		const time = { at: T0, latencyMs: 5 };
		const after = settleWebhook(before, failure, time, rules, () => 0);
		expect(after.attempts).toHaveLength(whose === 'exhausted' ? 0 : 1);
		expect(after.state).toBe('pending');
		if (whose === 'exhausted') expect(after.dueAt).toBe(T0 + 5 + 1_000);
	});
});

it('a resolver that refuses connections is ours, a service that does is not', () => {
	const error = (syscall: string): Error => errorOf('ECONNREFUSED', { syscall });
	expect(localFault(error('queryA'))?.failure).toBe('offline');
	expect(localFault(error('connect'))).toBeUndefined();
});

describe('a host with several addresses', () => {
	const all = (...codes: string[]): Error =>
		Object.assign(new AggregateError(codes.map((code) => errorOf(code))), { code: codes[0] });

	it('is ours only where every address is', () => {
		expect(localFault(all('ENETUNREACH', 'ECONNREFUSED'))).toBeUndefined();
		expect(localFault(all('EADDRNOTAVAIL', 'ECONNREFUSED'))).toBeUndefined();
		expect(localFault(all('ENETUNREACH', 'ENETUNREACH'))?.failure).toBe('offline');
		expect(localFault(all('ENETUNREACH', 'EMFILE'))?.failure).toBe('exhausted');
	});

	it('that is IPv6 is not waited for without end on a machine that has none', () => {
		const has = Object.values(networkInterfaces()).some((ones) =>
			ones?.some(({ family }) => family === 'IPv6'),
		);
		const found = localFault(errorOf('EADDRNOTAVAIL', { address: '2001:db8::1' }));
		expect(found?.failure).toBe(has ? 'exhausted' : 'offline');
	});
});

it('an attempt that waits for this host still ends when its notification expires', async () => {
	const outcome = await outcomeAfter({ failure: 'exhausted', detail: 'no files (EMFILE)' });
	const scene = new Scene(planOf([target('slack', EXACT)], [], { expiresAt: T0 + 700 }));
	scene.attempt('slack', outcome);
	expect(scene.delivery('slack')).toMatchObject({ state: 'queued', dueAt: T0 + 700 });
});

it('a probe that this host could not make leaves the breaker open, for the next one', async () => {
	const refused = await outcomeAfter({ failure: 'connection', detail: 'ECONNREFUSED' });
	const exhausted = await outcomeAfter({ failure: 'exhausted', detail: 'no files (EMFILE)' });
	const down = afterTwenty(refused);
	const now = down.breaker.open!.probeAt;
	const after = afterOutcome(DEFAULT_LIMITS, down, exhausted, { now, isProbe: true });
	expect(after.breaker).toEqual(down.breaker);
	expect(openingOf(DEFAULT_LIMITS, after, false, now).which).toBe('probe');
});

it('the log says it, once in ten seconds and with how often it was', async () => {
	const lines: unknown[] = [];
	const log = { error: (...line: unknown[]) => void lines.push(line) };
	let now = T0;
	const counted: string[] = [];
	const faults = new LocalFaultLog(log, { now: () => now }, (kind) => void counted.push(kind));
	const failing = faults.http(async () => ({ failure: 'exhausted', detail: 'no files (EMFILE)' }));
	const request = { method: 'GET', url: 'https://a.example', headers: {}, timeoutMs: 1 } as const;
	for (let i = 0; i < 5; i++) await failing(request);
	now += 10_000;
	await failing(request);
	expect(lines).toEqual([
		[{ failure: 'exhausted', times: 1 }, expect.stringContaining('EMFILE')],
		[{ failure: 'exhausted', times: 5 }, expect.stringContaining('EMFILE')],
	]);
	expect(counted).toHaveLength(6);
	const fine = faults.http(async () => ({ status: 200, headers: {}, body: '' }));
	expect(await fine(request)).toEqual({ status: 200, headers: {}, body: '' });
	expect(lines).toHaveLength(2);
});
