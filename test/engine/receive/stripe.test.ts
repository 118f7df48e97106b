import { receivedEvent, verdictOn } from '../../support/webhooks/received.ts';
import { type SceneRequest, SIGNED_AT } from '../../support/webhooks/scene.ts';
import { stripe, stripePackage } from '../../support/webhooks/stripe.ts';

const SIGNATURE = 'stripe-signature';

function withSignature(change: (before: string) => string) {
	return ({ headers }: SceneRequest) => ({
		headers: { ...headers, [SIGNATURE]: change(headers[SIGNATURE] ?? '') },
	});
}

/** The verdict of Stripe's package on the same request at the time of signing. */
async function packageAccepts(change: (before: string) => string): Promise<boolean> {
	const { headers, body } = await stripe.sign();
	const header = change(headers[SIGNATURE] ?? '');
	try {
		stripePackage.webhooks.constructEvent(
			body,
			header,
			stripe.secret,
			300,
			undefined,
			SIGNED_AT * 1000,
		);
		return true;
	} catch {
		return false;
	}
}

const other = `v1=${'a'.repeat(64)}`;

describe('verifying Stripe’s webhooks', () => {
	it.each<[string, (header: string) => string]>([
		['as they come', (header) => header],
		['with the signature of another secret first', (header) => header.replace(',', `,${other},`)],
		['with the signature of another secret last', (header) => `${header},${other}`],
		['with a signature of another scheme', (header) => `${header},v0=${'b'.repeat(64)}`],
	])('accepts them %s, as the package does', async (_how, change) => {
		expect(await verdictOn(stripe, withSignature(change))).toBe('accepted');
		expect(await packageAccepts(change)).toBe(true);
	});

	it.each<[string, (header: string) => string, string]>([
		['without a time', (header) => header.replace(/t=\d+,/, ''), 'malformed_signature'],
		['without a signature', () => `t=${SIGNED_AT}`, 'malformed_signature'],
		['of another scheme', (header) => header.replace('v1=', 'v0='), 'malformed_signature'],
		['cut short', (header) => header.slice(0, -2), 'malformed_signature'],
		['of another time', (header) => header.replace(/t=\d+/, `t=${SIGNED_AT - 1}`), 'bad_signature'],
		['of another request', () => `t=${SIGNED_AT},${other}`, 'bad_signature'],
	])('refuses a signature %s, as the package does', async (_how, change, reason) => {
		expect(await verdictOn(stripe, withSignature(change))).toBe(reason);
		expect(await packageAccepts(change)).toBe(false);
	});

	it.each<[string, (header: string) => string, string]>([
		['a time in words', (header) => header.replace(/t=\d+/, 't=now'), 'bad_timestamp'],
		['two times', (header) => `${header},t=${SIGNED_AT}`, 'malformed_signature'],
		[
			'more parts than a rotation has',
			(header) => `${header}${`,${other}`.repeat(15)}`,
			'malformed_signature',
		],
	])('refuses %s', async (_what, change, reason) => {
		expect(await verdictOn(stripe, withSignature(change))).toBe(reason);
	});

	it('takes the whole secret for the key, its prefix included', async () => {
		const secrets = [stripe.secret.replace('whsec_', '')];
		expect(await verdictOn(stripe, () => ({}), { secrets })).toBe('bad_signature');
	});
});

describe('reading Stripe’s webhooks', () => {
	it('names the object that a thin event is about', async () => {
		const event = await receivedEvent(stripe, {
			id: 'evt_1',
			object: 'v2.core.event',
			type: 'v2.core.event_destination.ping',
			created: '2024-09-17T06:20:52.246Z',
			related_object: { id: 'ed_1', type: 'v2.core.event_destination' },
		});
		expect(event).toMatchObject({
			eventId: 'evt_1',
			type: 'unknown',
			providerEvent: 'v2.core.event_destination.ping',
			notificationId: 'ed_1',
			occurredAt: '2024-09-17T06:20:52.246Z',
		});
	});

	it('is about itself when it names no object', async () => {
		const event = await receivedEvent(stripe, { id: 'evt_1', type: 'balance.available' });
		expect(event.notificationId).toBe('evt_1');
	});

	it.each([['{"id":"evt_1"}'], ['{"type":"a.b"}'], ['[]'], ['no JSON']])(
		'loses nothing of the body %s',
		async (body) => {
			const event = await receivedEvent(stripe, body);
			expect(event).toMatchObject({ type: 'unknown' });
			expect(event.providerEvent ?? event.unreadable).toBe(body.includes('a.b') ? 'a.b' : true);
		},
	);
});
