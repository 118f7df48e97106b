import { createIds } from '@sureping/engine';
import { createAnswerLinks } from '../../runner/answer-links.ts';
import { Problem } from '../../runner/http/problem.ts';
import { createRates } from '../../runner/http/rates.ts';
import {
	type IncidentRunner,
	PUBLIC_URL,
	startIncidentRunner,
} from '../support/incident-runner.ts';

describe('a token of a link', () => {
	const url = 'https://ping.example.com/base/';
	const links = createAnswerLinks(Buffer.alloc(32, 1), url);
	const incidentId = createIds(() => Date.UTC(2026, 10, 30))('inc');
	const tokenFor = (party: { contactId?: string; channel: string }, from = links): string =>
		(from.linkFor(incidentId, party) ?? '').replace(`${url}a/`, '');

	it('says which incident and whom it is for, and fits into an SMS', () => {
		const ada = tokenFor({ contactId: 'ada', channel: 'sms' });
		expect(ada).toMatch(/^[\w-]{20,59}$/);
		const party = { kind: 'contact', contactId: 'ada' };
		expect(links.read(ada)).toEqual({ incidentId, party });
		const slack = tokenFor({ channel: 'slack:ops-slack' });
		expect(slack).toMatch(/^[\w-]{20,60}$/);
		const channel = { kind: 'channel', channel: 'slack:ops-slack' };
		expect(links.read(slack)).toEqual({ incidentId, party: channel });
	});

	it('is not made without a public URL', () => {
		const none = createAnswerLinks(Buffer.alloc(32, 1), undefined);
		expect(none.linkFor(incidentId, { channel: 'sms' })).toBeUndefined();
	});

	it('is refused after any change, in another spelling, and from another installation', () => {
		const token = tokenFor({ contactId: 'ada', channel: 'sms' });
		const bytes = Buffer.from(token, 'base64url');
		for (let i = 0; i < bytes.length * 8; i++) {
			const forged = Buffer.from(bytes);
			forged[i >> 3] = (forged[i >> 3] ?? 0) ^ (1 << (i & 7));
			expect(links.read(forged.toString('base64url'))).toBeUndefined();
		}
		for (let length = 0; length < token.length; length++) {
			expect(links.read(token.slice(0, length))).toBeUndefined();
		}
		for (const text of [`${token}=`, `${token}A`, ` ${token}`, '', 'x'.repeat(200)]) {
			expect(links.read(text)).toBeUndefined();
		}
		const foreign = createAnswerLinks(Buffer.alloc(32, 2), url);
		expect(links.read(tokenFor({ contactId: 'ada', channel: 'sms' }, foreign))).toBeUndefined();
	});
});

it('a link takes 30 requests a minute from an address, and guesses behind it do not count for others', () => {
	let now = 0;
	const rates = createRates({ max: 1, window_s: 1 }, { addressOf: () => '192.0.2.1' }, () => now);
	// The address is all that is asked of it.
	const request = {} as Parameters<typeof rates.countLink>[0];
	for (let i = 0; i < 30; i++) rates.countLink(request, undefined);
	expect(() => rates.countLink(request, undefined)).toThrow(Problem);
	for (let i = 0; i < 30; i++) rates.countLink(request, 'genuine');
	now = 59_000;
	try {
		rates.countLink(request, 'genuine');
		throw new Error('It was not refused');
	} catch (error) {
		expect(error).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
	}
	now = 60_000;
	rates.countLink(request, 'genuine');
});

describe('the page of a link', () => {
	let scene: IncidentRunner;
	beforeAll(async () => {
		scene = await startIncidentRunner({ log_level: 'trace' });
	});
	afterAll(() => scene.runner.dispose());

	const press = (action: string): RequestInit => ({
		method: 'POST',
		body: new URLSearchParams({ action }),
	});
	const opened = async (name: string, policy = 'nights') => {
		const id = await scene.escalate(policy, { subject: `<b>${name}</b>` });
		return { id, link: await scene.link(name) };
	};

	it('shows the incident to a scanner of mails and changes nothing', async () => {
		const { id, link } = await opened('scanned');
		expect(link.startsWith(`${PUBLIC_URL}a/`)).toBe(true);
		const before = await scene.incident(id);
		const page = await scene.visit(link);
		expect(page.status).toBe(200);
		expect(page.body).toContain('&lt;b&gt;scanned&lt;/b&gt;');
		expect(page.body).toContain('Ada &lt;Lovelace&gt;');
		expect(page.body).not.toMatch(/<script|src=|href=/);
		expect(Object.fromEntries(page.headers)).toMatchObject({
			'content-type': 'text/html; charset=utf-8',
			'content-security-policy': expect.stringContaining("default-src 'none'"),
			'referrer-policy': 'no-referrer',
			'cache-control': 'no-store',
			'x-robots-tag': expect.stringContaining('noindex'),
		});
		const head = await scene.visit(link, { method: 'HEAD' });
		expect([head.status, head.body]).toEqual([200, '']);
		expect(await scene.incident(id)).toEqual(before);
	});

	it('is only in the message that goes out: neither in events nor in what the API shows', async () => {
		const { id, link } = await opened('private');
		const { notification_id } = await scene.incident(id);
		const shown = await scene.runner.get(`/notifications/${notification_id}`);
		const feed = await scene.runner.get('/events?limit=1000');
		expect(shown.status).toBe(200);
		const token = link.split('/a/')[1] ?? 'none';
		expect(JSON.stringify([shown.body, feed.body])).not.toContain(token);
	});

	it('acknowledges as its contact, then resolves, and is over', async () => {
		const { id, link } = await opened('answered');
		const done = await scene.visit(link, press('acknowledge'));
		expect([done.status, done.body]).toEqual([
			200,
			expect.stringContaining('Recorded: acknowledged'),
		]);
		expect((await scene.incident(id)).answers).toMatchObject([{ by: 'ada', via: 'link' }]);
		expect((await scene.visit(link, press('resolve'))).status).toBe(200);
		const over = await scene.visit(link);
		expect([over.status, over.body]).toEqual([410, expect.stringContaining('Resolved')]);
		expect(over.body).not.toContain('<form');
		expect((await scene.visit(link, press('acknowledge'))).status).toBe(410);
		expect((await scene.incident(id)).status).toBe('resolved');
	});

	it('in a shared channel records the channel and nobody', async () => {
		const { id, link } = await opened('shared', 'channel');
		// As a program posts, without a body.
		expect((await scene.visit(link, { method: 'POST' })).status).toBe(200);
		const [answer] = (await scene.incident(id)).answers;
		expect(answer).toMatchObject({ via: 'link', via_channel: 'console:second' });
		expect(answer).not.toHaveProperty('by');
	});

	it('takes two answers at once one after the other', async () => {
		const { id, link } = await opened('twice');
		const both = await Promise.all([
			scene.visit(link, press('resolve')),
			scene.visit(link, press('resolve')),
		]);
		expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
		expect((await scene.incident(id)).status).toBe('resolved');
	});

	it('refuses what is no answer, and changes nothing', async () => {
		const { id, link } = await opened('refused');
		const before = await scene.incident(id);
		const json = { 'content-type': 'application/json' };
		const refused = [
			await scene.visit(link, press('escalate')),
			await scene.visit(link, { method: 'POST', body: new URLSearchParams({ by: 'eve' }) }),
			await scene.visit(link, { method: 'POST', headers: json, body: '{"action":"resolve"}' }),
			await scene.visit(link, { method: 'PUT' }),
		];
		expect(refused.map(({ status }) => status)).toEqual([422, 422, 415, 405]);
		expect(await scene.incident(id)).toEqual(before);
	});

	it('is a 404 for a token of nobody: a page for people, a problem for programs', async () => {
		const { link } = await opened('forged');
		const forged = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`;
		for (const method of ['GET', 'POST']) {
			const page = await scene.visit(forged, { method });
			expect([page.status, page.headers.get('content-type')]).toEqual([
				404,
				'text/html; charset=utf-8',
			]);
			const problem = await scene.visit(forged, { method, headers: { accept: '*/*' } });
			expect(JSON.parse(problem.body)).toMatchObject({ status: 404 });
		}
	});

	it('answers 30 requests a minute, then says how long to wait', async () => {
		const { link } = await opened('often');
		for (let i = 0; i < 30; i++) expect((await scene.visit(link)).status).toBe(200);
		const late = await scene.visit(link);
		expect([late.status, Number(late.headers.get('retry-after')) > 0]).toEqual([429, true]);
	});

	it('leaves no token in the log', async () => {
		const { link } = await opened('logged');
		await scene.visit(link, press('acknowledge'));
		expect(scene.runner.log()).toContain('escalation.acknowledged');
		expect(scene.runner.log()).not.toContain(link.split('/a/')[1]);
	});
});
