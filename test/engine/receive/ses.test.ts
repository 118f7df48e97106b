import { EventEmitter } from 'node:events';
import https from 'node:https';
import { type RawRequest, receive, type Received } from '@sureping/engine';
import MessageValidator from 'sns-validator';
import { readEvent } from '../../support/read-event.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { SIGNED_AT } from '../../support/webhooks/scene.ts';
import {
	amazon,
	CERTIFICATE_URL,
	notification,
	ses,
	signEnvelope,
	snsRequest,
} from '../../support/webhooks/ses.ts';

const now = SIGNED_AT * 1000;

function verdictOf(request: RawRequest, pem = amazon.cert, url = CERTIFICATE_URL): Received {
	return receive('ses', request, [ses.secret], { now, found: { certificates: { [url]: pem } } });
}

const reasonOf = (received: Received): string => (received.ok ? 'accepted' : received.reason);

const setup = {
	Message: 'You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL.',
	MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
	Timestamp: new Date(now).toISOString(),
	Token: '2336412f37',
	TopicArn: ses.secret,
	SubscribeURL:
		'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:123456789012:MyTopic&Token=2336412f37',
};

describe('Amazon’s certificate', () => {
	it('is asked for, and until it is found the message stays refused', () => {
		const request = snsRequest(signEnvelope(notification()));
		const need = { fact: 'certificate', url: CERTIFICATE_URL };
		expect(receive('ses', request, [ses.secret], { now })).toEqual({
			ok: false,
			reason: 'bad_signature',
			need,
		});
		expect(verdictOf(request)).toMatchObject({ ok: true });
	});

	it('is not asked for when the topic is another or the time is over', () => {
		const request = snsRequest(signEnvelope(notification()));
		expect(receive('ses', request, ['arn:aws:sns:eu-west-1:1:mine'], { now })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
		expect(receive('ses', request, [ses.secret], { now: now + 301_000 })).toEqual({
			ok: false,
			reason: 'stale',
		});
	});

	it('must be Amazon’s, valid now, and a certificate', () => {
		const request = snsRequest(signEnvelope(notification()));
		const stranger = selfSigned('sns.amazonaws.com', now);
		const expired = selfSigned('sns.amazonaws.com', now - 2 * 86_400_000);
		for (const pem of [stranger.cert, expired.cert, 'no certificate', '']) {
			expect(reasonOf(verdictOf(request, pem))).toBe('bad_signature');
		}
		const early = snsRequest(signEnvelope(notification(), '2', expired.key));
		expect(reasonOf(verdictOf(early, expired.cert))).toBe('bad_signature');
	});

	it.each([
		'http://sns.us-west-2.amazonaws.com/a.pem',
		'https://sns.us-west-2.amazonaws.com.evil.example/a.pem',
		'https://sns.us-west-2.amazonaws.com@evil.example/a.pem',
		'https://evil.example/sns.us-west-2.amazonaws.com/a.pem',
		'https://user:pw@sns.us-west-2.amazonaws.com/a.pem',
		'https://sns.us-west-2.amazonaws.com:8443/a.pem',
		'https://sns.us-west-2.amazonaws.com/a.txt',
		'https://sns.us-west-2.amazonaws.com/a?b=.pem',
		'https://sns.us-west-2.amazonaws.com/a#.pem',
		'https://sns.us-west-2.amazonaws.com\\@evil.example/a.pem',
		'https://sns.us-west-2.amazonaws.com/a.pem\n',
		'https://sns.x.amazonaws.com/a.pem',
		'https://s3.us-west-2.amazonaws.com/a.pem',
		// The buckets called `sns` of S3's older addresses, another service, and another region than the topic's.
		'https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
		'https://sns.s3-website-us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
		'https://sns.execute-api.amazonaws.com/SimpleNotificationService-1.pem',
		'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
		'https://sns.us-west-2.amazonaws.com.cn/SimpleNotificationService-1.pem',
		'https://sns.us-west-2.amazonaws.com/a/SimpleNotificationService-1.pem',
		'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem\n',
	])('is never fetched from %j', (url) => {
		const request = snsRequest({ ...signEnvelope(notification()), SigningCertURL: url });
		expect(receive('ses', request, [ses.secret], { now })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
		expect(reasonOf(verdictOf(request, amazon.cert, url))).toBe('bad_signature');
	});

	it.each([
		['arn:aws-cn:sns:cn-north-1:123456789012:mail', 'https://sns.cn-north-1.amazonaws.com.cn'],
		[
			'arn:aws-us-gov:sns:us-gov-west-1:123456789012:mail',
			'https://sns.us-gov-west-1.amazonaws.com',
		],
		[
			'arn:aws:sns:ap-southeast-2:123456789012:mail.fifo',
			'https://sns.ap-southeast-2.amazonaws.com',
		],
	])('of the topic %s is at %s', (topic, host) => {
		const envelope = signEnvelope(notification({ secret: topic }));
		const verdict = (url: string): string => {
			const request = snsRequest({ ...envelope, SigningCertURL: url });
			const found = { certificates: { [url]: amazon.cert } };
			return reasonOf(receive('ses', request, [topic], { now, found }));
		};
		expect(verdict(`${host}/SimpleNotificationService-0a1b.pem`)).toBe('accepted');
		expect(verdict(CERTIFICATE_URL)).toBe('bad_signature');
	});

	it('is nowhere for a topic that is none', () => {
		for (const topic of [
			'mail',
			'arn:aws:sns:s3-us-west-2:1:x',
			'arn:x:sns:us-west-2:123456789012:x',
		]) {
			const request = snsRequest(signEnvelope(notification({ secret: topic })));
			const found = { certificates: { [CERTIFICATE_URL]: amazon.cert } };
			expect(reasonOf(receive('ses', request, [topic], { now, found }))).toBe('bad_signature');
		}
	});
});

describe('an SNS message', () => {
	it('cannot move the border between two of its fields', () => {
		const fields = notification();
		const { Message = '', MessageId = '' } = fields;
		const signed = signEnvelope({ ...fields, Message: `x\nMessageId\ny\nSubject\n${Message}` });
		expect(reasonOf(verdictOf(snsRequest(signed)))).toBe('accepted');
		const moved = {
			...signed,
			Message: 'x',
			MessageId: 'y',
			Subject: `${Message}\nMessageId\n${MessageId}`,
		};
		expect(reasonOf(verdictOf(snsRequest(moved)))).toBe('bad_signature');
	});

	it('is refused with a signature version that is not documented', () => {
		const request = snsRequest({ ...signEnvelope(notification()), SignatureVersion: '3' });
		expect(reasonOf(verdictOf(request))).toBe('malformed_signature');
	});

	it('is accepted later when the delivery policy is longer and so is the tolerance', async () => {
		const options = { now: now + 3_600_000, toleranceS: 3600 };
		expect(await receiveScene(ses, await ses.sign(), options)).toMatchObject({ ok: true });
	});

	it('has its subject among what is signed', () => {
		const signed = signEnvelope({ ...notification(), Subject: 'Amazon SES' });
		expect(reasonOf(verdictOf(snsRequest(signed)))).toBe('accepted');
		expect(reasonOf(verdictOf(snsRequest({ ...signed, Subject: 'Other' })))).toBe('bad_signature');
	});

	describe('with bytes that SNS does not sign', () => {
		const text = (request: RawRequest): string => Buffer.from(request.body).toString();
		const changes: readonly (readonly [string, (body: string) => string])[] = [
			['a member that is no JSON', (body) => body.replace('{', '{"x":nonsense,')],
			[
				'a member of a hundred levels',
				(body) => body.replace('{', `{"x":${'['.repeat(200)}${']'.repeat(200)},`),
			],
			[
				'a URL that only a confirmation has',
				(body) => body.replace('{', '{"SubscribeURL":"https://evil.example/",'),
			],
			['a token that only a confirmation has', (body) => body.replace('{', '{"Token":"x",')],
			[
				'another UnsubscribeURL',
				(body) => body.replace('{', '{"UnsubscribeURL":"https://evil.example/",'),
			],
		];
		const bounced = [{ emailAddress: 'a@b.c' }, 7];
		const bounce = JSON.stringify({
			eventType: 'Bounce',
			mail: { messageId: 'm' },
			bounce: { bounceType: 'Permanent', bouncedRecipients: bounced },
		});

		it.each(['Hello world!', bounce, undefined])('says what it said: %s', (body) => {
			const genuine = snsRequest(signEnvelope(notification({ ...(body ? { body } : {}) })));
			const meaning = verdictOf(genuine);
			expect(meaning).toMatchObject({ ok: true });
			for (const [what, change] of changes) {
				const changed = { ...genuine, body: Buffer.from(change(text(genuine))) };
				expect([what, verdictOf(changed)]).toEqual([what, meaning]);
			}
		});

		it.each(['x', '\0', '{}', ',', '}', ' {'])('behind its end is refused: %j', (more) => {
			const genuine = snsRequest(signEnvelope(notification()));
			const longer = { ...genuine, body: Buffer.from(text(genuine) + more) };
			expect(reasonOf(verdictOf(longer))).toBe('malformed_body');
			const blank = { ...genuine, body: Buffer.from(`${text(genuine)}\r\n\t `) };
			expect(verdictOf(blank)).toEqual(verdictOf(genuine));
		});
	});

	it('that confirms a subscription gives the URL to call and no events', () => {
		const signed = signEnvelope({ ...setup, Type: 'SubscriptionConfirmation' });
		expect(verdictOf(snsRequest(signed))).toEqual({
			ok: true,
			events: [],
			confirm: setup.SubscribeURL,
		});
	});

	it.each([
		'https://evil.example/?Action=ConfirmSubscription&Token=1',
		'https://sns.us-west-2.amazonaws.com@evil.example/?Action=ConfirmSubscription&Token=1',
		'http://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1',
		'https://sns.us-west-2.amazonaws.com/?Action=DeleteTopic&Token=1',
		'https://sns.s3-us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1',
		'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1',
	])('that wants %s called is refused', (SubscribeURL) => {
		const signed = signEnvelope({ ...setup, SubscribeURL, Type: 'SubscriptionConfirmation' });
		expect(reasonOf(verdictOf(snsRequest(signed)))).toBe('malformed_body');
	});

	it('that ends a subscription gives nothing to do', () => {
		const signed = signEnvelope({ ...setup, Type: 'UnsubscribeConfirmation' });
		expect(verdictOf(snsRequest(signed))).toEqual({ ok: true, events: [] });
	});

	it.each([
		'Successfully validated SNS topic for Amazon SES event publishing.',
		'{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have subscribed."}',
	])('that says at set-up %j gives no events', (body) => {
		expect(verdictOf(snsRequest(signEnvelope(notification({ body }))))).toEqual({
			ok: true,
			events: [],
		});
	});

	it.each(['Hello world!', '[]', '{"eventType":"Send"}', '{"mail":{"messageId":"m"}}'])(
		'that says %j, which SES does not, comes through as it is',
		(body) => {
			const fields = notification({ body });
			expect(verdictOf(snsRequest(signEnvelope(fields)))).toMatchObject({
				ok: true,
				events: [
					{
						type: 'unknown',
						eventId: fields.MessageId,
						notificationId: fields.MessageId,
						occurredAt: fields.Timestamp,
						raw: { Message: body },
					},
				],
			});
		},
	);
});

describe('an event of Amazon SES', () => {
	const mail = { messageId: 'm1', destination: ['a@example.com'] };

	it.each([
		['Permanent', 'General', { type: 'notification.bounced', bounceType: 'hard' }],
		['Transient', 'MailboxFull', { type: 'notification.bounced', bounceType: 'soft' }],
		['Undetermined', 'Undetermined', { type: 'notification.bounced', bounceType: 'soft' }],
		['Permanent', 'OnAccountSuppressionList', { type: 'notification.suppressed' }],
	])('a bounce that is %s, %s', async (bounceType, bounceSubType, expected) => {
		const bounce = { bounceType, bounceSubType, bouncedRecipients: [{ emailAddress: 'a@b.c' }] };
		const event = await readEvent(ses, { eventType: 'Bounce', mail, bounce });
		expect(event).toMatchObject({ ...expected, error: { code: bounceSubType } });
	});

	it('is one for each recipient, with ids of their own', async () => {
		const bouncedRecipients = [{ emailAddress: 'a@b.c' }, { emailAddress: 'd@e.f' }];
		const body = JSON.stringify({
			notificationType: 'Bounce',
			mail,
			bounce: { bounceType: 'Permanent', bouncedRecipients },
		});
		const received = await receiveScene(ses, await ses.sign({ body }));
		expect(received.ok && received.events.map(({ recipient }) => recipient)).toEqual([
			'a@b.c',
			'd@e.f',
		]);
		const ids = received.ok ? received.events.map(({ eventId }) => eventId) : [];
		expect(new Set(ids).size).toBe(2);
	});

	it('is lost with none of the others for a recipient that is none', async () => {
		const bouncedRecipients = [{ emailAddress: 'a@b.c', diagnosticCode: null }, { status: '5' }, 7];
		const bounce = { bounceType: 'Permanent', bounceSubType: null, bouncedRecipients };
		const body = JSON.stringify({
			eventType: 'Bounce',
			mail: { ...mail, destination: null },
			bounce,
		});
		expect(await receiveScene(ses, await ses.sign({ body }))).toMatchObject({
			ok: true,
			events: [
				{ recipient: 'a@b.c', bounceType: 'hard' },
				{ type: 'unknown', unreadable: true, raw: { status: '5' } },
				{ type: 'unknown', unreadable: true, raw: 7 },
			],
		});
	});

	it('is no complaint where the address was on the suppression list because of an older one', async () => {
		const complainedRecipients = [{ emailAddress: 'a@b.c' }];
		const complaint = { complaintSubType: 'OnAccountSuppressionList', complainedRecipients };
		expect(await readEvent(ses, { eventType: 'Complaint', mail, complaint })).toMatchObject({
			type: 'notification.suppressed',
			status: 'suppressed',
			final: true,
			error: { code: 'OnAccountSuppressionList' },
		});
		const real = { ...complaint, complaintSubType: null };
		expect(await readEvent(ses, { eventType: 'Complaint', mail, complaint: real })).toMatchObject({
			type: 'notification.complained',
			final: false,
		});
	});

	it('names no recipient when nothing says which of many it was', async () => {
		const many = { ...mail, destination: ['a@b.c', 'd@e.f'] };
		const event = await readEvent(ses, { eventType: 'Open', mail: many, open: {} });
		expect(event).not.toHaveProperty('recipient');
	});

	it('was a machine’s when its user agent says so', async () => {
		const opened = { eventType: 'Open', mail, open: { userAgent: 'x GoogleImageProxy' } };
		expect(await readEvent(ses, opened)).toMatchObject({ machine: true });
		const person = { ...opened, open: { userAgent: 'Mozilla/5.0 (iPhone)' } };
		expect(await readEvent(ses, person)).not.toHaveProperty('machine');
	});

	it('subscribes again when every topic is wanted', async () => {
		const newTopicPreferences = {
			unsubscribeAll: false,
			topicSubscriptionStatus: [{ topicName: 'news', subscriptionStatus: 'OptIn' }],
		};
		const subscription = { newTopicPreferences };
		expect(await readEvent(ses, { eventType: 'Subscription', mail, subscription })).toMatchObject({
			type: 'notification.subscribed',
		});
	});

	it('of a kind that we do not know comes through', async () => {
		expect(await readEvent(ses, { eventType: 'constructor', mail })).toMatchObject({
			type: 'unknown',
			providerEvent: 'constructor',
			notificationId: 'm1',
		});
	});
});

describe('Amazon’s own validator', () => {
	beforeAll(() => {
		jest.spyOn(https, 'get').mockImplementation(((
			_url: string,
			answered: (answer: EventEmitter) => void,
		) => {
			const answer = Object.assign(new EventEmitter(), { statusCode: 200 });
			answered(answer);
			answer.emit('data', amazon.cert);
			answer.emit('end');
			return new EventEmitter();
		}) as never); // only what the validator uses of the overloads
	});
	afterAll(() => jest.restoreAllMocks());

	const theirs = (body: Buffer): Promise<boolean> =>
		new Promise((resolve) => {
			new MessageValidator().validate(body.toString(), (error) => {
				resolve(error === null);
			});
		});

	it.each(['1', '2'] as const)('accepts what the scene signs, version %s', async (version) => {
		const notified = snsRequest(signEnvelope(notification(), version));
		const confirmed = snsRequest(
			signEnvelope({ ...setup, Type: 'SubscriptionConfirmation' }, version),
		);
		for (const request of [notified, confirmed]) {
			expect(await theirs(request.body)).toBe(true);
			expect(reasonOf(verdictOf(request))).toBe('accepted');
		}
	});

	it.each([
		['another message', { Message: '{}' }],
		['another id', { MessageId: 'x' }],
		['a subject', { Subject: 'x' }],
		['another type', { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: 'u' }],
		['the other version', { SignatureVersion: '1' }],
		['a certificate from elsewhere', { SigningCertURL: 'https://evil.example/a.pem' }],
	])('refuses %s as we do', async (_what, change) => {
		const request = snsRequest({ ...signEnvelope(notification()), ...change });
		expect(await theirs(request.body)).toBe(false);
		expect(reasonOf(verdictOf(request))).toBe('bad_signature');
	});
});
