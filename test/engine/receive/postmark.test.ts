import { receiveScene } from '../../support/webhooks/conformance.ts';
import { postmark, postmarkByHeader } from '../../support/webhooks/postmark.ts';
import { receivedEvent } from '../../support/webhooks/received.ts';

const base = { MessageID: 'm1', Metadata: { order: '7' } };

describe('Postmark’s login', () => {
	const verdict = async (headers: Record<string, unknown>, secrets?: string[]) => {
		const request = await postmark.sign();
		const all = { 'content-type': 'application/json', ...headers } as Record<string, string>; // also lists, as hosts give them
		const received = await receiveScene(
			postmark,
			{ ...request, headers: all },
			secrets ? { secrets } : {},
		);
		return received.ok ? 'accepted' : received.reason;
	};
	const basic = (login: string, scheme = 'Basic'): Record<string, string> => ({
		authorization: `${scheme} ${Buffer.from(login).toString('base64')}`,
	});

	it('is accepted whatever the case of its scheme (RFC 7617 §2)', async () => {
		expect(await verdict(basic(postmark.secret, 'basic'))).toBe('accepted');
	});

	it('must be whole', async () => {
		for (const login of ['postmark', 'postmark:', ':s3cret', 'postmark:s3cret', '']) {
			expect(await verdict(basic(login))).toBe('bad_signature');
		}
		expect(await verdict(basic(postmark.secret, 'Bearer'))).toBe('bad_signature');
		expect(await verdict({ authorization: postmark.secret })).toBe('bad_signature');
	});

	it('is missed where there is none, and refused where there are two', async () => {
		expect(await verdict({})).toBe('missing_header');
		const { authorization = '' } = basic(postmark.secret);
		expect(await verdict({ authorization: [authorization, authorization] })).toBe(
			'malformed_signature',
		);
	});

	it('may change from one form to the other during a rotation', async () => {
		const secrets = [postmark.secret, postmarkByHeader.secret];
		expect(await verdict(basic(postmark.secret), secrets)).toBe('accepted');
		expect(await verdict({ 'x-webhook-secret': 's3cret' }, secrets)).toBe('accepted');
		expect(await verdict({ 'x-webhook-secret': 'other' }, secrets)).toBe('bad_signature');
		expect(await verdict({}, secrets)).toBe('missing_header');
	});

	it('is not the header’s line as a login', async () => {
		expect(await verdict(basic(postmarkByHeader.secret), [postmarkByHeader.secret])).toBe(
			'missing_header',
		);
	});
});

describe('reading Postmark’s events', () => {
	it.each([
		['HardBounce', 'notification.bounced', 'hard'],
		['BadEmailAddress', 'notification.bounced', 'hard'],
		['SoftBounce', 'notification.bounced', 'soft'],
		['Transient', 'notification.bounced', 'soft'],
		['DnsError', 'notification.bounced', 'soft'],
		['Blocked', 'notification.bounced', 'soft'],
		['SpamNotification', 'notification.bounced', 'soft'],
		['VirusNotification', 'notification.bounced', 'soft'],
		['ChallengeVerification', 'notification.bounced', 'soft'],
		['DMARCPolicy', 'notification.bounced', 'soft'],
		['OpenRelayTest', 'notification.bounced', 'soft'],
		['Unknown', 'notification.bounced', 'soft'],
		['SomethingNew', 'notification.bounced', undefined],
		['Unsubscribe', 'notification.unsubscribed', undefined],
		['Subscribe', 'notification.subscribed', undefined],
		['SpamComplaint', 'notification.complained', undefined],
		['ManuallyDeactivated', 'notification.suppressed', undefined],
		['Unconfirmed', 'notification.suppressed', undefined],
		['SMTPApiError', 'notification.failed', undefined],
		['TemplateRenderingFailed', 'notification.failed', undefined],
		['AutoResponder', 'unknown', undefined],
		['AddressChange', 'unknown', undefined],
		['InboundError', 'unknown', undefined],
	])('a bounce of type %s is %s %s', async (type, expected, bounceType) => {
		const bounce = { ...base, RecordType: 'Bounce', Type: type, Email: 'a@example.com' };
		const event = await receivedEvent(postmark, bounce);
		expect(event).toMatchObject({
			type: expected,
			providerEvent: `Bounce ${type}`,
			recipient: 'a@example.com',
			error: { code: type, message: type },
			metadata: { order: '7' },
		});
		expect(event.bounceType).toBe(bounceType);
	});

	it.each([
		[true, 'ManualSuppression', 'Recipient', 'notification.unsubscribed'],
		[true, 'ManualSuppression', 'Customer', 'notification.suppressed'],
		[true, 'HardBounce', 'Recipient', 'notification.suppressed'],
		[true, 'SpamComplaint', 'Recipient', 'notification.suppressed'],
		[false, null, 'Customer', 'notification.subscribed'],
		[undefined, 'HardBounce', 'Recipient', 'unknown'],
	])('a subscription change %s for %s by the %s is %s', async (suppress, reason, origin, type) => {
		const change = {
			RecordType: 'SubscriptionChange',
			MessageID: null,
			Recipient: 'a@example.com',
			SuppressSending: suppress,
			SuppressionReason: reason,
			Origin: origin,
			Tag: null,
			Metadata: {},
		};
		const event = await receivedEvent(postmark, change);
		expect(event).toMatchObject({ type, recipient: 'a@example.com' });
		// It is about no message.
		expect(event.notificationId).toBe(event.eventId);
	});

	it('an open or a click by a proxy is a machine’s', async () => {
		const UserAgent = 'Mozilla/5.0 Firefox/11.0 (via ggpht.com GoogleImageProxy)';
		for (const RecordType of ['Open', 'Click']) {
			expect(await receivedEvent(postmark, { ...base, RecordType, UserAgent })).toMatchObject({
				machine: true,
			});
		}
		expect(await receivedEvent(postmark, { ...base, RecordType: 'Open' })).not.toHaveProperty(
			'machine',
		);
	});

	it('tells two opens and two clicks apart, and a resend not', async () => {
		const id = async (fields: object) =>
			(await receivedEvent(postmark, { ...base, RecordType: 'Click', ...fields })).eventId;
		const first = await id({
			ReceivedAt: '2026-02-13T18:19:43Z',
			OriginalLink: 'https://a.example',
		});
		const ids = [
			await id({ ReceivedAt: '2026-02-13T18:19:44Z', OriginalLink: 'https://a.example' }),
			await id({ ReceivedAt: '2026-02-13T18:19:43Z', OriginalLink: 'https://b.example' }),
			await id({
				ReceivedAt: '2026-02-13T18:19:43Z',
				OriginalLink: 'https://a.example',
				MessageID: 'm2',
			}),
		];
		expect(new Set([first, ...ids]).size).toBe(4);
		expect(
			await id({ ReceivedAt: '2026-02-13T18:19:43Z', OriginalLink: 'https://a.example' }),
		).toBe(first);
	});

	it('passes on record types that it does not know, and what has none', async () => {
		expect(await receivedEvent(postmark, { ...base, RecordType: 'Novelty' })).toMatchObject({
			type: 'unknown',
			providerEvent: 'Novelty',
		});
		for (const body of ['{}', '[]', 'null', 'text', '{"RecordType":7}']) {
			expect(await receiveScene(postmark, await postmark.sign({ body }))).toMatchObject({
				ok: true,
				events: [{ type: 'unknown', unreadable: true }],
			});
		}
	});
});
