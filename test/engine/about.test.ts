import { aboutOf, MESSAGE_CHARACTERS, sendRequestSchema, withoutAbout } from '@sureping/engine';
import fc from 'fast-check';

const characters = (text: string): string[] =>
	[...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(
		({ segment }) => segment,
	);
const excerpt = (message: string): string | undefined => aboutOf({ message }).message;

describe('the excerpt of a message', () => {
	it.each([
		['a short text', 'The pump stopped', 'The pump stopped'],
		['280 characters', 'x'.repeat(280), 'x'.repeat(280)],
		['a longer text', 'x'.repeat(281), 'x'.repeat(280)],
		['an emoji at the end', `${'x'.repeat(279)}😀y`, `${'x'.repeat(279)}😀`],
		['an emoji after the end', `${'x'.repeat(280)}😀`, 'x'.repeat(280)],
		['an emoji of several parts', `${'x'.repeat(279)}👨‍👩‍👧‍👦y`, `${'x'.repeat(279)}👨‍👩‍👧‍👦`],
		['a letter and its accent', `${'x'.repeat(279)}e\u0301y`, `${'x'.repeat(279)}e\u0301`],
		['a flag', `${'x'.repeat(279)}🇩🇪🇫🇷`, `${'x'.repeat(279)}🇩🇪`],
		['a line end of two parts', `${'x'.repeat(279)}\r\ny`, `${'x'.repeat(279)}\r\n`],
	])('of %s ends between two characters', (_what, message, expected) => {
		expect(excerpt(message)).toBe(expected);
	});

	it('is as many whole characters from the start as fit, of any text', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom('a', 'é', 'e\u0301', '😀', '👩‍🚀', '🇩🇪', '\r\n', '語'), {
					minLength: 250,
					maxLength: 320,
				}),
				(parts) => {
					const message = parts.join('');
					expect(excerpt(message)).toBe(characters(message).slice(0, MESSAGE_CHARACTERS).join(''));
				},
			),
			{ numRuns: 100 },
		);
	});

	it('stays small when a character never ends', () => {
		const endless = `a${'\u0301'.repeat(1_000_000)}`;
		expect(excerpt(endless)?.length).toBeLessThan(5_000);
	});
});

describe('what an event is about', () => {
	const about = {
		subject: 'Pump 3',
		message: 'The pump stopped',
		source: { system: 'n8n', workflow_name: 'Order flow' },
	};

	it('leaves out the text where that is asked for, and says all the same where it came from', () => {
		expect(aboutOf(about)).toEqual(about);
		expect(aboutOf(about, { includeMessage: false })).toEqual({ source: about.source });
	});

	it('is taken off whole', () => {
		const event = { event: 'notification.failed', error: { code: 'X', message: 'kept' } };
		expect(withoutAbout({ ...event, ...about })).toEqual(event);
	});
});

describe('the source of a send', () => {
	const send = { message: 'x', channels: ['console'] };
	const source = {
		system: 'n8n',
		workflow_id: 'Nq2',
		workflow_name: 'Order flow 🚚',
		execution_id: '1234',
		url: 'https://n8n.example.com/workflow/Nq2/executions/1234',
	};

	it('takes all of it, or any part', () => {
		expect(sendRequestSchema.parse({ ...send, source }).source).toEqual(source);
		expect(sendRequestSchema.parse({ ...send, source: { system: 'cron' } }).source).toEqual({
			system: 'cron',
		});
	});

	it.each([
		['a script for a URL', { url: 'javascript:alert(1)' }],
		['a URL of another kind', { url: 'ftp://example.com/x' }],
		['a path', { url: '/workflow/1' }],
		['an endless URL', { url: `https://example.com/${'x'.repeat(2048)}` }],
		['an endless name', { workflow_name: 'x'.repeat(256) }],
		['an endless system', { system: 'x'.repeat(65) }],
		['a number', { execution_id: 7 }],
		['an unknown member', { host: 'a' }],
	])('refuses %s', (_what, change) => {
		expect(sendRequestSchema.safeParse({ ...send, source: { ...source, ...change } }).success).toBe(
			false,
		);
	});

	it.each([
		['', false],
		['x'.repeat(255), true],
		['x'.repeat(256), false],
	] as const)('an id of an event to reply to is bounded', (id, isGood) => {
		expect(sendRequestSchema.safeParse({ ...send, in_reply_to: id }).success).toBe(isGood);
	});
});
