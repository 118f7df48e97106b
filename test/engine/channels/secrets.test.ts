import type { HttpExchange, HttpReply, OpenConnection, TransportFailure } from '@sureping/engine';
import fc from 'fast-check';
import { T0 } from '../../support/dispatch-scene.ts';
import { httpCall, open, outgoing } from '../../support/outgoing.ts';

const from = 'ops@example.com';

/** The settings of each connection, all of which come back in the answers below. */
const CONNECTIONS: Readonly<Record<string, readonly [connection: OpenConnection, ...string[]]>> = {
	'a Slack webhook': [
		open('slack', { webhook_url: 'https://hooks.slack.com/services/T1/B1/Path5ecret' }),
		'Path5ecret',
	],
	'a Slack bot': [open('slack', { bot_token: 'xoxb-Token5ecret' }), 'xoxb-Token5ecret'],
	'a Telegram bot': [
		open('telegram', { bot_token: '123456789:AAF-Bot5ecret', default_chat_id: '@ops_channel' }),
		'123456789:AAF-Bot5ecret',
	],
	'a Discord webhook': [
		open('discord', { webhook_url: 'https://discord.com/api/webhooks/1/Discord5ecret' }),
		'Discord5ecret',
	],
	Resend: [open('email', { resend: { api_key: 're_Key5ecret' }, from }), 're_Key5ecret'],
	SendGrid: [open('email', { sendgrid: { api_key: 'SG.Grid5ecret' }, from }), 'SG.Grid5ecret'],
	Postmark: [open('email', { postmark: { server_token: 'Mark-5ecret' }, from }), 'Mark-5ecret'],
	Mailgun: [
		open('email', { mailgun: { api_key: 'key-Gun5ecret', domain: 'mg.example.com' }, from }),
		'key-Gun5ecret',
	],
	Twilio: [
		open('sms', {
			twilio: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 'Twilio5ecret' },
			from: '+15005550006',
		}),
		'Twilio5ecret',
	],
	OTPIQ: [open('sms', { otpiq: { api_key: 'sk_Piq5ecret', sender_id: 'Ops' } }), 'sk_Piq5ecret'],
	'a webhook': [
		open('webhook', {
			url: 'https://example.com/Path5ecret?key=Query5ecret',
			secret: 'whsec_Sign5ecret',
		}),
		'Path5ecret',
		'Query5ecret',
		'whsec_Sign5ecret',
	],
};

interface Told {
	readonly what: string;
	readonly secrets: readonly string[];
	exchange(): HttpExchange<unknown>;
}

const EXCHANGES = Object.entries(CONNECTIONS).flatMap(
	([name, [connection, ...secrets]]): Told[] => {
		const check = connection.check(2_000);
		const sending = { what: name, secrets, exchange: () => httpCall(connection, outgoing()) };
		return check.via === 'http'
			? [sending, { what: `the test of ${name}`, secrets, exchange: () => check }]
			: [sending];
	},
);

/** Everywhere where we read something in an answer. */
const PLACES: readonly ((text: string) => unknown)[] = [
	(text) => ({ ok: false, error: text, description: text }),
	(text) => ({ ok: false, error_code: 400, description: `Bad Request: ${text}` }),
	(text) => ({ ok: true, team: text, user: text, result: { username: text } }),
	(text) => ({ name: text, message: text, statusCode: 404 }),
	(text) => ({ code: 10015, message: text, id: text, name: text }),
	(text) => ({ code: text, retry_after: text }),
	(text) => ({ ErrorCode: 300, Message: text, ID: 1, Name: text }),
	(text) => ({ errors: [{ message: text, field: text }], scopes: [text] }),
	(text) => ({ domain: { name: text, state: text }, message: text }),
];

/** Answers of a proxy that echoes the request: its URL, its headers, all of it, in each place where we read. */
function echoes({ secrets, exchange }: Told): string[] {
	const { url, headers } = exchange().request;
	const { pathname, search } = new URL(url);
	const all = [
		url,
		pathname + search,
		`Cannot POST ${pathname}`,
		...pathname.split('/'),
		...Object.values(headers),
		...secrets,
	];
	return all.flatMap((text) => [
		text,
		`<pre>Cannot POST ${text}</pre>`,
		...PLACES.map((place) => JSON.stringify(place(text))),
	]);
}

const STATUSES = [200, 202, 204, 302, 400, 401, 403, 404, 410, 422, 429, 500];

describe.each(EXCHANGES)('what is told of $what', (told) => {
	const { exchange } = told;
	/** All that a person could read, of this answer and of the one to a follow-up. */
	const readable = (reply: HttpReply | TransportFailure): string => {
		const call = exchange();
		const next = 'failure' in reply ? undefined : call.followUp?.(reply);
		return JSON.stringify([call.classify(reply, T0), next?.classify(reply, T0)]);
	};

	it('never repeats a token, a key or a secret path, even when the answer does', () => {
		const bodies = echoes(told);
		const { authorization } = exchange().request.headers;
		const secrets = [...told.secrets, ...(authorization === undefined ? [] : [authorization])];
		expect(bodies.length).toBeGreaterThan(50);
		for (const body of bodies) {
			for (const status of STATUSES) {
				const found = readable({ status, headers: {}, body });
				for (const secret of secrets) expect(found).not.toContain(secret);
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
						.tuple(fc.constantFrom(...PLACES), fc.string({ maxLength: 300 }))
						.map(([place, text]) => JSON.stringify(place(text))),
				),
				fc.option(fc.string(), { nil: undefined }),
				(status, body, retryAfter) => {
					const headers: Record<string, string> =
						retryAfter === undefined ? {} : { 'retry-after': retryAfter };
					const found = exchange().classify({ status, headers, body }, T0);
					const { error } = { error: { message: '' }, ...Object(found) };
					expect(error.message).toMatch(/^[\x20-\x7e]{0,120}$/);
				},
			),
			{ numRuns: 500 },
		);
	});
});
