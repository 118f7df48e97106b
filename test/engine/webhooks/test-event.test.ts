import { encodeWebhook, PROFILE_IDS, testEvent } from '@sureping/engine';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const options = { signatureInput: 'timestamped', reportType: 'final' } as const;
const testOf = (profile: (typeof PROFILE_IDS)[number]) =>
	testEvent(profile, options, (kind) => `${kind}_1`, NOW);

it.each(PROFILE_IDS)('an endpoint with the profile %s can be tried out', (profile) => {
	const event = testOf(profile);
	const secrets = ['whsec_c2VjcmV0LW9mLWF0LWxlYXN0LTI0LWJ5dGVz'];
	const message = event && encodeWebhook(profile, [event], { ...options, secrets, now: NOW });
	expect(message?.body).toContain('msg_1');
	expect(event?.metadata).toEqual({ test: true });
});

it('a test event is of no channel, unless the format is limited to some', () => {
	const kinds = Object.fromEntries(
		PROFILE_IDS.map((id) => [id, `${testOf(id)?.channel} ${testOf(id)?.event}`]),
	);
	expect(kinds).toMatchObject({
		sureping: 'test notification.delivered',
		onepush: 'email notification.delivered',
		otpiq: 'sms notification.delivered',
		notificationapi: 'email notification.opened',
	});
});
