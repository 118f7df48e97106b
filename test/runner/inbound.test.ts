import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { receive } from '@sureping/engine';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { type FakeSendgrid, startSendgrid } from '../fakes/sendgrid.ts';
import { startSink } from '../fakes/sink.ts';
import { type FakeTwilio, startTwilio } from '../fakes/twilio.ts';
import { PUBLIC_URL, report, type ReportAnswer } from '../support/report.ts';
import { type Answer, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { mailgun } from '../support/webhooks/mailgun.ts';
import { sendgrid } from '../support/webhooks/sendgrid.ts';
import { twilio } from '../support/webhooks/twilio.ts';

const ENDPOINT_SECRET = 'whsec_endpoint_0123456789';
const PHONE = '+14155550123';

type Body = Answer['body'];
const types = ({ events }: Body): string[] =>
	events.map(({ event }: { event: string }) => event.replace('notification.', ''));
const sequences = ({ events }: Body): number[] =>
	events.map(({ sequence }: { sequence: number }) => sequence);

const inbound = (provider: string, connection: string): string =>
	`${PUBLIC_URL}/inbound/${provider}/${connection}`;

describe('delivery reports', () => {
	let fakeTwilio: FakeTwilio;
	let fakeSendgrid: FakeSendgrid;
	let sink: RecordingServer;
	let runner: RunnerProcess;
	/** A service that answers a send only after it was told to. */
	let slow: Server;
	let beforeAnswer: (sid: string) => Promise<void> = () => Promise.resolve();

	beforeAll(async () => {
		[fakeTwilio, fakeSendgrid, sink] = await Promise.all([
			startTwilio(),
			startSendgrid(),
			startSink(),
		]);
		slow = createServer((incoming, response) => {
			incoming.resume().on('end', () => {
				const sid = `SM${'e'.repeat(32)}`;
				void beforeAnswer(sid).then(() =>
					response.writeHead(201).end(JSON.stringify({ sid, status: 'queued' })),
				);
			});
		});
		await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
		const { port } = slow.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
		const account = { account_sid: fakeTwilio.accountSid, auth_token: fakeTwilio.authToken };
		const sms = (name: string, base_url: string) => ({
			name,
			channel: 'sms',
			twilio: account,
			from: '+15005550006',
			base_url,
		});
		runner = await startRunner({
			public_url: `${PUBLIC_URL}/`,
			connections: [
				sms('sms', fakeTwilio.url),
				sms('brief', fakeTwilio.url),
				sms('trusting', fakeTwilio.url),
				sms('slow', `http://127.0.0.1:${port}`),
				{
					name: 'mail',
					channel: 'email',
					sendgrid: { api_key: fakeSendgrid.apiKey },
					from: 'Ops <ops@example.com>',
					base_url: fakeSendgrid.url,
				},
				{ name: 'terminal', channel: 'console' },
			],
			inbound: [
				{ provider: 'twilio', connection: 'sms', secrets: ['an old token', twilio.secret] },
				{
					provider: 'twilio',
					connection: 'brief',
					secret: twilio.secret,
					report_timeout_s: 0.2,
					unreported: 'failed',
				},
				{
					provider: 'twilio',
					connection: 'trusting',
					secret: twilio.secret,
					report_timeout_s: 0.2,
				},
				{ provider: 'twilio', connection: 'slow', secret: twilio.secret },
				{ provider: 'sendgrid', connection: 'mail', secret: sendgrid.secret },
				{ provider: 'mailgun', connection: 'shop', secret: mailgun.secret },
				{ provider: 'mailgun', connection: 'quiet', secret: mailgun.secret, forward: false },
				{
					provider: 'whatsapp',
					connection: 'meta',
					secret: 'app secret',
					verify_token: 'told to Meta',
				},
			],
			endpoints: [{ name: 'all', url: `${sink.url}/all`, secret: ENDPOINT_SECRET }],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		slow.close();
		await Promise.all([fakeTwilio.close(), fakeSendgrid.close(), sink.close()]);
	});

	/** A status callback of Twilio's. */
	const callback = async (
		sid: string,
		status: string,
		connection = 'sms',
		secret = twilio.secret,
	): Promise<ReportAnswer> => {
		const body = new URLSearchParams({
			MessageSid: sid,
			MessageStatus: status,
			To: PHONE,
			From: '+15005550006',
			AccountSid: fakeTwilio.accountSid,
			...(status === 'undelivered' ? { ErrorCode: '30003' } : {}),
		}).toString();
		const url = inbound('twilio', connection);
		return await report(runner, await twilio.sign({ body, secret, url }));
	};
	const found = async (id: string): Promise<Body> =>
		(await runner.get(`/notifications/${id}`)).body;
	/** Sends through a connection and waits until the service has taken it. */
	const sent = async (channel: string, more: Record<string, unknown> = {}): Promise<Body> => {
		const { status, body } = await runner.post('/send', {
			message: 'The pump stopped',
			subject: 'Pump',
			channels: [channel],
			recipient: channel.startsWith('sms') ? PHONE : 'ada@example.com',
			...more,
		});
		expect(status).toBe(202);
		await waitUntil('the service has it', async () =>
			types(await found(body.notification_id)).includes('sent'),
		);
		return await found(body.notification_id);
	};
	const told = (eventId: string): number =>
		sink.requests.filter(({ body }) => JSON.parse(body).event_id === eventId).length;

	it('end what was sent, and go on to endpoints as delivery events', async () => {
		const { notification_id: id, status, deliveries } = await sent('sms:sms');
		expect(status).toBe('in_progress');
		const [{ message_id }] = deliveries;
		expect(deliveries).toMatchObject([{ status: 'sent', connection: 'sms' }]);
		expect(message_id).toBe(fakeTwilio.messages.at(-1)!.sid);
		expect(fakeTwilio.messages.at(-1)!.statusCallback).toBe(inbound('twilio', 'sms'));

		expect(await callback(message_id, 'sent')).toEqual({ status: 200, text: '{"received":1}' });
		expect(types(await found(id))).toEqual(['queued', 'sent']);
		expect(await callback(message_id, 'delivered')).toEqual({
			status: 200,
			text: '{"received":1}',
		});
		const after = await found(id);
		expect(after).toMatchObject({ status: 'delivered', deliveries: [{ status: 'delivered' }] });
		expect(types(after)).toEqual(['queued', 'sent', 'delivered']);
		expect(sequences(after)).toEqual([1, 2, 3]);
		const { event_id, confirmation } = after.events[2];
		expect(confirmation).toBe('device');
		await waitUntil('the endpoint is told', () => told(event_id) === 1);

		const { body } = await runner.get('/reports?connection=sms&status=matched&limit=2');
		expect(body.reports).toMatchObject([
			{ event: 'notification.delivered', provider_event: 'delivered', message_id },
			{ event: 'notification.sent', delivery_id: deliveries[0].id },
		]);
	});

	it('count once, however often they come and whichever comes first', async () => {
		const { notification_id: id, deliveries } = await sent('sms:sms');
		const [{ message_id }] = deliveries;
		const all = ['delivered', 'sent', 'delivered', 'undelivered', 'sent', 'delivered'];
		const answers = await Promise.all(all.map((status) => callback(message_id, status)));
		expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200));
		const after = await found(id);
		// Which of the two ends it is a matter of luck; that one does, and one only, is not.
		expect(types(after)).toHaveLength(3);
		expect(sequences(after)).toEqual([1, 2, 3]);
		const { body } = await runner.get('/reports?connection=sms&status=matched');
		const ours = body.reports.filter((one: Body) => one.message_id === message_id);
		expect(ours).toHaveLength(3);
	});

	it('that come before the service answered the send apply as soon as it has', async () => {
		let early: ReportAnswer | undefined;
		beforeAnswer = async (sid) => {
			early = await callback(sid, 'delivered', 'slow');
			const { body } = await runner.get('/reports?connection=slow');
			expect(body.reports).toMatchObject([{ status: 'unmatched' }]);
		};
		const { body } = await runner.post('/send', {
			message: 'x',
			channels: ['sms:slow'],
			recipient: PHONE,
		});
		const after = await ended(runner, body.notification_id);
		expect(early?.status).toBe(200);
		expect(types(after)).toEqual(['queued', 'sent', 'delivered']);
		expect(sequences(after)).toEqual([1, 2, 3]);
		const { body: listed } = await runner.get('/reports?connection=slow');
		expect(listed.reports).toMatchObject([
			{ status: 'matched', delivery_id: after.deliveries[0].id },
		]);
	});

	it('that never come end the wait as the connection says', async () => {
		const options = { channels: ['sms:brief'], fallback_channels: ['console'] };
		const { notification_id } = await sent('sms:brief', options);
		const after = await ended(runner, notification_id);
		expect(types(after)).toEqual(['queued', 'sent', 'failed', 'queued', 'fallback', 'delivered']);
		expect(after.events[2]).toMatchObject({ error: { code: 'UNCONFIRMED' } });
		const trusting = await ended(runner, (await sent('sms:trusting')).notification_id);
		expect(types(trusting)).toEqual(['queued', 'sent', 'delivered']);
		// The report that comes after all changes nothing.
		const [{ message_id }] = trusting.deliveries;
		expect((await callback(message_id, 'delivered', 'trusting')).status).toBe(200);
		expect(types(await found(trusting.notification_id))).toEqual(['queued', 'sent', 'delivered']);
	});

	it('of a bounce after the mail server took it correct the delivery and start the fallback', async () => {
		const { notification_id: id, deliveries } = await sent('email:mail', {
			fallback_channels: ['console'],
		});
		const events = (list: Record<string, unknown>[]) =>
			JSON.stringify(
				list.map((event) => ({
					email: 'ada@example.com',
					timestamp: Math.floor(Date.now() / 1000),
					sg_message_id: `${deliveries[0].message_id}.recvd-5d8f-1-5F.0`,
					...event,
				})),
			);
		const post = async (list: Record<string, unknown>[]): Promise<ReportAnswer> => {
			const url = inbound('sendgrid', 'mail');
			const at = Math.floor(Date.now() / 1000);
			return await report(runner, await sendgrid.sign({ body: events(list), url, at }));
		};
		const delivered = { event: 'delivered', sg_event_id: 'one' };
		const opened = { event: 'open', sg_event_id: 'two' };
		const bounced = {
			event: 'bounce',
			type: 'bounce',
			sg_event_id: 'three',
			reason: '550 5.1.1 no such user',
		};
		expect((await post([delivered, opened])).text).toBe('{"received":2}');
		expect(await found(id)).toMatchObject({ status: 'delivered' });
		expect((await post([bounced, opened])).text).toBe('{"received":2}');
		const after = await ended(runner, id);
		await waitUntil('the fallback is through', async () => types(await found(id)).length === 8);
		expect(types(await found(id))).toEqual([
			...['queued', 'sent', 'delivered', 'opened', 'bounced', 'queued', 'fallback', 'delivered'],
		]);
		expect(sequences(await found(id))).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
		expect(after.deliveries[0]).toMatchObject({ status: 'bounced' });
	});

	/** A Mailgun webhook; the token makes it another request. */
	const mailgunRequest = (connection: string, change: (body: string) => string = (b) => b) =>
		mailgun.sign({
			body: change(mailgun.body),
			url: inbound('mailgun', connection),
			at: Math.floor(Date.now() / 1000),
		});

	it('of a third party are passed on, and read at the other end as if it had called there', async () => {
		const request = await mailgunRequest('shop');
		const direct = receive('mailgun', request, [mailgun.secret], {
			now: Date.now(),
			found: { tokenUse: 'first' },
		});
		if (!direct.ok) throw new Error(direct.reason);
		expect((await report(runner, request)).text).toBe('{"received":1}');
		const { body: feed } = await runner.get('/events?limit=1000');
		const event = feed.events.find((one: Body) => one.provider === 'mailgun');
		expect(event).toMatchObject({
			event: 'notification.delivered',
			event_id: expect.stringMatching(/^evt_/),
			connection: 'shop',
			raw: direct.events[0]!.raw,
		});
		expect(event).not.toHaveProperty('sequence');
		await waitUntil('the endpoint is told', () => told(event.event_id) === 1);
		const posted = sink.requests.find(({ body }) => body.includes(event.event_id))!;
		const read = receive(
			'sureping',
			{ method: 'POST', url: posted.path, headers: posted.headers, body: posted.bytes },
			[ENDPOINT_SECRET],
			{ now: posted.at },
		);
		if (!read.ok) throw new Error(read.reason);
		expect(read.events).toEqual([
			{
				...direct.events[0]!,
				connection: 'shop',
				eventId: event.event_id,
				receivedAt: read.events[0]!.receivedAt,
			},
		]);
		// The same request again is a resend; its token with another body is a replay.
		expect((await report(runner, request)).status).toBe(200);
		const forged = {
			...request,
			body: Buffer.from(String(request.body).replace('delivered', 'opened')),
		};
		expect((await report(runner, forged)).status).toBe(401);
		const again = (await runner.get('/events?limit=1000')).body.events;
		expect(again.filter((one: Body) => one.provider === 'mailgun')).toHaveLength(1);
	});

	it('that match nothing are kept, and passed on by hand once', async () => {
		const request = await mailgunRequest('quiet');
		expect((await report(runner, request)).status).toBe(200);
		const { body } = await runner.get('/reports?status=unmatched&provider=mailgun');
		expect(body.reports).toMatchObject([{ connection: 'quiet', event: 'notification.delivered' }]);
		const [{ id }] = body.reports;
		expect((await runner.get(`/reports/${id}`)).body.report).toMatchObject({
			provider: 'mailgun',
			raw: expect.objectContaining({ event: 'delivered' }),
		});
		const passedOn = await runner.post(`/reports/${id}/forward`, undefined);
		expect(passedOn).toMatchObject({ status: 200, body: { status: 'forwarded' } });
		expect((await runner.post(`/reports/${id}/forward`, undefined)).status).toBe(409);
		expect((await runner.post('/reports/rpt_none/forward', undefined)).status).toBe(404);
		const { events } = (await runner.get('/events?limit=1000')).body;
		expect(events.filter((one: Body) => one.connection === 'quiet')).toHaveLength(1);
	});

	it('that nobody proves are refused without a reason, counted, and leave nothing', async () => {
		const { notification_id: id, deliveries } = await sent('sms:sms');
		const [{ message_id }] = deliveries;
		const refused = await callback(message_id, 'delivered', 'sms', twilio.otherSecret);
		expect(refused.status).toBe(401);
		expect(JSON.parse(refused.text)).toEqual({
			type: 'about:blank',
			title: 'Unauthorized',
			status: 401,
			detail: 'The request was not accepted',
			message: 'The request was not accepted',
		});
		// Signed for another entry.
		const elsewhere = await twilio.sign({ url: inbound('twilio', 'brief') });
		const misdirected = { ...elsewhere, url: inbound('twilio', 'sms') };
		expect((await report(runner, misdirected)).status).toBe(401);
		expect((await report(runner, { ...elsewhere, method: 'GET' })).status).toBe(401);
		expect(types(await found(id))).toEqual(['queued', 'sent']);
		const { body } = await runner.get('/metrics');
		expect(body).toMatch(
			/sureping_inbound_requests_total\{provider="twilio",result="bad_signature"\} [1-9]/,
		);
		expect(body).toMatch(
			/sureping_inbound_requests_total\{provider="twilio",result="accepted"\} [1-9]/,
		);
		await waitUntil('the log says why', () => runner.log().includes('"reason":"bad_signature"'));
		expect(runner.log()).not.toContain(twilio.secret);
	});

	it('are set up as their provider wants it, by whoever knows the token', async () => {
		const ask = async (token: string): Promise<Response> => {
			const query = new URLSearchParams({
				'hub.mode': 'subscribe',
				'hub.verify_token': token,
				'hub.challenge': '1158201444',
			});
			return await fetch(`${runner.url}/inbound/whatsapp/meta?${query.toString()}`);
		};
		const answer = await ask('told to Meta');
		expect([answer.status, await answer.text()]).toEqual([200, '1158201444']);
		expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
		expect((await ask('a guess')).status).toBe(401);
	});

	it('are for those who are configured, under exactly that name', async () => {
		for (const [provider, connection] of [
			['twilio', 'nobody'],
			['mailgun', 'sms'],
			['pigeon', 'sms'],
			['__proto__', 'sms'],
		] as const) {
			const request = await twilio.sign({ url: inbound(provider, connection) });
			expect((await report(runner, request)).status).toBe(404);
		}
		expect((await runner.call('PUT', '/inbound/twilio/sms', {})).status).toBe(405);
		const head = await fetch(`${runner.url}/inbound/twilio/sms`, { method: 'HEAD' });
		expect(head.status).toBe(405);
	});

	describe('as bodies of any form', () => {
		const small = async () =>
			await mailgunRequest('shop', (body) => body.replace('MXcc2gEpS', 'zipped'));

		it.each([
			['gzip', gzipSync],
			['deflate', deflateSync],
		] as const)('are taken when compressed with %s', async (encoding, compress) => {
			const request = await small();
			const body = compress(request.body);
			const answer = await report(runner, { ...request, body }, { 'content-encoding': encoding });
			expect(answer.status).toBe(200);
		});

		it('are refused when they are too large, also once inflated', async () => {
			const large = Buffer.alloc(1024 * 1024 + 1, 32);
			const request = await small();
			expect((await report(runner, { ...request, body: large })).status).toBe(413);
			const bomb = { ...request, body: gzipSync(large) };
			expect((await report(runner, bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
		});

		it.each(['text/plain', 'application/octet-stream', 'no type', 'json', 'a/b/c', '/', ';', ''])(
			'are taken as what is signed, whatever their content type is called: %j',
			async (type) => {
				const answer = await report(runner, await small(), { 'content-type': type });
				expect(answer.status).toBe(200);
			},
		);

		it('are refused when they are not what they say', async () => {
			const request = await small();
			expect((await report(runner, request, { 'content-encoding': 'gzip' })).status).toBe(400);
			expect((await report(runner, request, { 'content-encoding': 'br' })).status).toBe(415);
			expect((await report(runner, { ...request, body: Buffer.alloc(0) })).status).toBe(401);
			const noise = { ...request, body: Buffer.from([0xff, 0x00, 0xfe]) };
			expect((await report(runner, noise)).status).toBe(401);
		});
	});

	it('that are forged without end are counted, and genuine ones pass all the same', async () => {
		const forged = await twilio.sign({
			url: inbound('twilio', 'sms'),
			secret: twilio.otherSecret,
		});
		const statuses = new Set<number>();
		for (let i = 0; i < 130; i++) statuses.add((await report(runner, forged)).status);
		expect([...statuses]).toEqual([401, 429]);
		expect((await callback('SMnobody', 'delivered')).status).toBe(200);
		// Costly bodies are not even inspected, and so not inflated: they would be 413, 400 or 415.
		const zipped = { ...forged, body: gzipSync(Buffer.alloc(1024 * 1024 + 1, 32)) };
		for (const encoding of ['gzip', 'deflate', 'br']) {
			const answer = await report(runner, zipped, { 'content-encoding': encoding });
			expect([encoding, answer.status]).toEqual([encoding, 429]);
		}
		const large = { ...forged, body: Buffer.alloc(64 * 1024 + 1, 32) };
		expect((await report(runner, large)).status).toBe(429);
		const nowhere = { ...zipped, url: inbound('twilio', 'nobody') };
		expect((await report(runner, nowhere, { 'content-encoding': 'gzip' })).status).toBe(429);
	});
});
