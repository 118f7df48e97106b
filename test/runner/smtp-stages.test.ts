import {
	afterOutcome,
	type ConnectionState,
	DEFAULT_LIMITS,
	FRESH,
	type Outcome,
	partyOf,
} from '@sureping/engine';
import { createSmtpTransport } from '../../runner/transport/smtp/index.ts';
import { SMTP_STEPS, type SmtpStep, startScriptedSmtp } from '../fakes/scripted-smtp.ts';
import { ONCE, planOf, Scene, T0, target } from '../support/dispatch-scene.ts';
import { open, outcomeOver, outgoing } from '../support/outgoing.ts';

/** A server's answer at a step, and its meaning: code, party, finality, and if the breaker counts it. */
type Row = readonly [step: SmtpStep, answer: string, means: string];

const ROWS: readonly Row[] = [
	['open', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	['open', '421 4.7.0 Too many connections', 'RATE_LIMITED us again no breaker'],
	['open', '451 4.3.0 Local error', 'SERVICE_UNAVAILABLE service again breaker'],
	['open', '554 5.7.1 Go away', 'AUTH_FAILED us final no breaker'],
	['open', 'drop', 'CONNECTION_FAILED service again breaker'],
	[
		'ehlo',
		'421 4.7.0 Try again later, closing connection. (EHLO)',
		'SERVICE_UNAVAILABLE service again breaker',
	],
	['ehlo', '451 4.3.0 Local error', 'SERVICE_UNAVAILABLE service again breaker'],
	['ehlo', '550 5.7.1 Bad name', 'AUTH_FAILED us final no breaker'],
	['ehlo', 'drop', 'CONNECTION_FAILED service again breaker'],
	['auth', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	[
		'auth',
		'454 4.7.0 Temporary authentication failure',
		'SERVICE_UNAVAILABLE service again breaker',
	],
	['auth', '535 5.7.8 Wrong', 'AUTH_FAILED us final no breaker'],
	['auth', '550 5.7.1 Policy', 'AUTH_FAILED us final no breaker'],
	['auth', 'drop', 'CONNECTION_FAILED service again breaker'],
	['mail', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	['mail', '451 4.3.0 Local error', 'SERVICE_UNAVAILABLE service again breaker'],
	['mail', '452 4.3.1 Insufficient system storage', 'SERVICE_UNAVAILABLE service again breaker'],
	['mail', '530 5.7.0 Authentication required', 'AUTH_FAILED us final no breaker'],
	['mail', '550 5.1.8 Sender unknown', 'MESSAGE_REJECTED sender final no breaker'],
	['mail', '550 5.4.5 Daily sending quota exceeded', 'QUOTA_EXCEEDED sender final no breaker'],
	['mail', '550 5.7.1 Policy', 'MESSAGE_REJECTED sender final no breaker'],
	['mail', 'drop', 'CONNECTION_FAILED service again breaker'],
	['rcpt', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	['rcpt', '450 4.2.1 Busy', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '450 4.2.2 Mailbox full', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '450 4.2.0 Greylisted', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '451 4.7.1 Greylisted, try later', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '450 Busy', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '451 4.3.0 Local error', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '452 4.2.2 Over quota', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '550 5.1.1 No such user', 'RECIPIENT_REJECTED recipient final no breaker'],
	['rcpt', '552 5.2.2 Mailbox full', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['rcpt', '554 5.7.1 Relay access denied', 'AUTH_FAILED us final no breaker'],
	['rcpt', 'drop', 'CONNECTION_FAILED service again breaker'],
	['data', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	['data', '451 4.3.0 Local error', 'SERVICE_UNAVAILABLE service again breaker'],
	['data', '554 5.5.1 No valid recipients', 'MESSAGE_REJECTED message final no breaker'],
	['data', 'drop', 'CONNECTION_FAILED service again breaker'],
	['message', '421 4.3.2 Shutting down', 'SERVICE_UNAVAILABLE service again breaker'],
	['message', '451 4.7.1 Greylisted, try later', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['message', '452 4.3.1 Insufficient system storage', 'SERVICE_UNAVAILABLE service again breaker'],
	['message', '452 4.2.2 Over quota', 'SERVICE_UNAVAILABLE recipient again no breaker'],
	['message', '550 5.1.1 No such user', 'RECIPIENT_REJECTED recipient final no breaker'],
	['message', '550 5.4.5 Daily sending quota exceeded', 'QUOTA_EXCEEDED sender final no breaker'],
	['message', '554 5.7.1 Spam', 'MESSAGE_REJECTED message final no breaker'],
	['message', 'drop', 'CONNECTION_FAILED service again breaker'],
];

async function outcomeAt(step: SmtpStep, answer: string): Promise<Outcome> {
	const server = await startScriptedSmtp({
		answers: { [step]: answer },
		extensions: ['AUTH PLAIN'],
	});
	const smtp = createSmtpTransport();
	try {
		const { host, port } = server;
		const settings = { smtp: { host, port, user: 'u', pass: 'p' }, from: 'ops@example.com' };
		return await outcomeOver({ smtp }, open('email', settings), outgoing({ timeoutMs: 500 }));
	} finally {
		smtp.close();
		await server.close();
	}
}

function breakerCounts(outcome: Outcome): boolean {
	let state: ConnectionState = FRESH;
	for (let i = 0; i < 10; i++) {
		state = afterOutcome(DEFAULT_LIMITS, state, outcome, { now: T0 + i, isProbe: false });
	}
	return state.breaker.open !== undefined;
}

function meaning(outcome: Outcome): string {
	if (outcome.result === 'delivered') return 'delivered';
	const end = outcome.permanent ? 'final' : 'again';
	const breaker = breakerCounts(outcome) ? 'breaker' : 'no breaker';
	return `${outcome.error.code} ${partyOf(outcome)} ${end} ${breaker}`;
}

describe('a mail server that answers', () => {
	it.each(ROWS)('at %s %s: %s', async (step, answer, means) => {
		const outcome = await outcomeAt(step, answer);
		expect(meaning(outcome)).toBe(means);
		// Whatever it said, it was asked: the attempt counts.
		const scene = new Scene(planOf([target('slack', ONCE)]));
		scene.attempt('slack', outcome);
		expect(scene.delivery('slack').attempts).toHaveLength(1);
	});

	it('has a row for each step', () => {
		expect([...new Set(ROWS.map(([step]) => step))]).toEqual([...SMTP_STEPS]);
	});
});
