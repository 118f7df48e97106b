import type { HttpReply, OpenConnection, TransportFailure } from '@sureping/engine';
import fc from 'fast-check';
import { T0 } from '../../support/dispatch-scene.ts';
import { httpCall, open, outgoing } from '../../support/outgoing.ts';

const SECRETS = [
	'Path5ecret',
	'xoxb-Token5ecret',
	're_Key5ecret',
	'Query5ecret',
	'whsec_Sign5ecret',
];

const CONNECTIONS: Readonly<Record<string, OpenConnection>> = {
	'a Slack webhook': open('slack', {
		webhook_url: 'https://hooks.slack.com/services/T1/B1/Path5ecret',
	}),
	'a Slack bot': open('slack', { bot_token: 'xoxb-Token5ecret' }),
	Resend: open('email', { resend: { api_key: 're_Key5ecret' }, from: 'ops@example.com' }),
	'a webhook': open('webhook', {
		url: 'https://example.com/Path5ecret?key=Query5ecret',
		secret: 'whsec_Sign5ecret',
	}),
};

/** Answers of a proxy that echoes the request: its URL, its headers, all of it, in each place where we read. */
function echoes(connection: OpenConnection): string[] {
	const { url, headers } = httpCall(connection).request;
	const { pathname, search } = new URL(url);
	const all = [
		url,
		pathname + search,
		`Cannot POST ${pathname}`,
		...Object.values(headers),
		...SECRETS,
	];
	return all.flatMap((text) => [
		text,
		`<pre>Cannot POST ${text}</pre>`,
		JSON.stringify({ ok: false, error: text }),
		JSON.stringify({ name: text, message: text, statusCode: 404 }),
	]);
}

describe.each(Object.entries(CONNECTIONS))('the error of %s', (_name, connection) => {
	const { classify } = httpCall(connection, outgoing());
	const messageFor = (reply: HttpReply | TransportFailure): string => {
		const outcome = classify(reply, T0);
		return outcome.result === 'failed' ? outcome.error.message : '';
	};

	it('never repeats a token, a key or a secret path, even when the answer does', () => {
		const bodies = echoes(connection);
		expect(bodies.length).toBeGreaterThan(20);
		for (const body of bodies) {
			for (const status of [200, 302, 400, 401, 403, 404, 410, 422, 429, 500]) {
				const message = messageFor({ status, headers: {}, body });
				for (const secret of SECRETS) expect(message).not.toContain(secret);
			}
		}
	});

	it('is one short line whatever comes back', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 100, max: 599 }),
				fc.oneof(
					fc.string({ unit: 'binary', maxLength: 300 }),
					fc.json(),
					fc
						.string({ maxLength: 300 })
						.map((error) => JSON.stringify({ ok: false, error, name: error })),
				),
				fc.option(fc.string(), { nil: undefined }),
				(status, body, retryAfter) => {
					const headers: Record<string, string> =
						retryAfter === undefined ? {} : { 'retry-after': retryAfter };
					const message = messageFor({ status, headers, body });
					expect(message).toMatch(/^[\x20-\x7e]{0,120}$/);
				},
			),
			{ numRuns: 1_000 },
		);
	});
});
