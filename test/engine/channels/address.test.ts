import fc from 'fast-check';
import addressparser from 'nodemailer/lib/addressparser';
import {
	domainOf,
	isEmailAddress,
	parseMailbox,
	refuseRecipient,
	subjectLine,
	writeMailbox,
} from '../../../engine/channels/email/address.ts';
import { leastCost } from '../../support/least-cost.ts';

describe('a mailbox', () => {
	it.each([
		['ops@example.com', 'ops@example.com'],
		['Ops <ops@example.com>', 'Ops <ops@example.com>'],
		['Acme, Inc. <ops@example.com>', '"Acme, Inc." <ops@example.com>'],
		['"Acme, Inc." <ops@example.com>', '"Acme, Inc." <ops@example.com>'],
		['"Ann \\"A\\" Lee" <ann@example.com>', '"Ann \\"A\\" Lee" <ann@example.com>'],
		['Zoë Ünal <zoe@example.com>', 'Zoë Ünal <zoe@example.com>'],
		['Zoë, Ünal <zoe@example.com>', '"Zoë, Ünal" <zoe@example.com>'],
		['監視 🚨 <ops@example.com>', '監視 🚨 <ops@example.com>'],
		['Ops (night) <ops@example.com>', '"Ops (night)" <ops@example.com>'],
		['"Back\\\\slash" <ops@example.com>', '"Back\\\\slash" <ops@example.com>'],
		['<ops@example.com>', 'ops@example.com'],
		['"" <ops@example.com>', 'ops@example.com'],
	])('written as %j goes out as %j', (written, sent) => {
		const mailbox = parseMailbox(written);
		expect(mailbox && writeMailbox(mailbox)).toBe(sent);
	});

	it.each([
		'Ops',
		'Ops <ops>',
		'a@b.c, d@e.f',
		'<a@b.c> <d@e.f>',
		'"Ops <ops@example.com>',
		'a" <b@c.d>',
		'O\nps <a@b.c>',
		'\ud83d <a@b.c>',
	])('is not %j', (text) => {
		expect(parseMailbox(text)).toBeUndefined();
	});

	it('is one mailbox for whoever reads it, whatever its name', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
				const mailbox = { email: 'ops@example.com', name };
				expect(parseMailbox(writeMailbox(mailbox)) ?? mailbox).toMatchObject({
					email: 'ops@example.com',
				});
				expect(addressparser(writeMailbox({ email: 'ops@example.com', name }))).toHaveLength(1);
			}),
		);
	});

	it('has a domain that a header can hold', () => {
		expect(domainOf({ email: 'ops@Example.com' })).toBe('example.com');
		expect(domainOf({ email: 'ops@exämple.com' })).toBe('xn--exmple-cua.com');
	});

	it.each([
		'"'.repeat(65_536),
		'"\\'.repeat(32_768),
		'<'.repeat(65_536),
		' '.repeat(65_536),
		'a@'.repeat(32_768),
	])('is read in a moment, however nasty', async (text) => {
		const cost = await leastCost(100, () => {
			parseMailbox(text);
			isEmailAddress(text);
			refuseRecipient(text);
		});
		expect(cost).toBeLessThan(100);
	});
});

describe('a recipient that is refused', () => {
	it.each([
		['ada@example.com, bob@example.com', /one e-mail address; send once for each/],
		['ada@example.com;bob@example.com', /one e-mail address; send once for each/],
		['Ada <ada@example.com>, bob@example.com', /one e-mail address; send once for each/],
		['Ada <ada@example.com>', /the address alone, without the name: "ada@example\.com"/],
		['ada', /such as "ada@example\.com"/],
		['', /such as "ada@example\.com"/],
	])('%j says what to write instead', (recipient, words) => {
		expect(refuseRecipient(recipient)).toMatch(words);
	});
});

describe('a subject', () => {
	it('that was given goes whole', () => {
		const subject = `${'x'.repeat(199)}🚨${'y'.repeat(400)}`;
		expect(subjectLine(subject, 'text')).toBe(subject);
	});

	it('that the first line stands in for is cut between characters', () => {
		expect(subjectLine(undefined, `${'x'.repeat(198)}👩‍🚒🚨 more\nnext`)).toBe(
			`${'x'.repeat(198)}👩‍🚒…`,
		);
		expect(subjectLine(undefined, 'Pump 3\nstopped')).toBe('Pump 3');
		expect(subjectLine(undefined, '🚨'.repeat(1_000_000))).toBe(`${'🚨'.repeat(199)}…`);
	});
});
