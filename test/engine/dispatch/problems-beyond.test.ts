import { type CatalogEntry, DEFAULT_RETRY, problemsBeyond } from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';
import { open } from '../../support/outgoing.ts';

const entry = (channel: string, name: string, settings: Record<string, unknown>): CatalogEntry => ({
	channel,
	name,
	connection: open(channel, settings),
	policy: DEFAULT_RETRY,
});
const CATALOG = [
	entry('email', 'mail', { smtp: { host: 'h' }, from: 'ops@example.com' }),
	entry('telegram', 'bot', { bot_token: '1:x' }),
];

const pathsOf = (body: unknown): string[] =>
	problemsBeyond(body, CATALOG, T0).map(({ path }) => path);

describe('what else is wrong with a send that its schema refuses', () => {
	it.each<[string, unknown, string[]]>([
		[
			'an empty message and an unknown channel',
			{ message: '', channels: ['nope'] },
			['channels.0'],
		],
		['no message and an unknown channel', { channels: ['nope'] }, ['channels.0']],
		[
			'a misspelt channel before an unknown one',
			{ message: 'x', channels: ['Not A Channel!', 'nope'] },
			['channels.1'],
		],
		[
			'an unknown field and an unfit address',
			{ message: 'x', channels: ['email'], recipient: 'ada', colour: 'red' },
			['recipient'],
		],
		['a number for an address', { message: '', channels: ['email'], recipient: 5 }, []],
		['an empty message and no address', { message: '', channels: ['email'] }, ['recipient']],
		[
			'a past expiry and an unknown fallback',
			{
				message: '',
				channels: ['email'],
				recipient: 'ada@example.com',
				fallback_channels: ['nope'],
				expires_at: '2001-01-01T00:00:00Z',
			},
			['fallback_channels.0', 'expires_at'],
		],
		['no object', 'text', []],
		['a list', [1], []],
		['a constructor for a member', { constructor: 1, channels: ['nope'] }, ['channels.0']],
	])('%s', (_what, body, paths) => {
		expect(pathsOf(body)).toEqual(paths);
	});

	it('is the address and the length of the message, for each channel', () => {
		const message = 'x'.repeat(5_000);
		const body = { message, channels: ['telegram'], recipient: 'two words', priority: 'urgent' };
		expect(pathsOf(body)).toEqual(['recipient', 'message']);
	});
});
