// Verifying one webhook of about 500 bytes: ours next to the packages of those who invented the schemes, in one run.
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { verify as octokitVerify, sign as octokitSign } from '@octokit/webhooks-methods';
import { receive, signingKey, signOnePing } from '@sureping/engine';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { median } from './process.ts';

const ROUNDS = 5;
const ROUND_MS = 400;

const event = {
	event: 'notification.delivered',
	notification_id: 'msg_01m7z37c9z8wf970r69ja9eqpx',
	channel: 'telegram',
	status: 'delivered',
	recipient: '@username',
	delivered_at: '2026-01-15T10:30:05.000Z',
	latency_ms: 245,
	attempt: 1,
	metadata: { order_id: 'ORD-5678', note: 'x'.repeat(120) },
	timestamp: '2026-01-15T10:30:05.000Z',
	event_id: 'evt_01m7z37c9zqhw0y7x7exm38csn',
	delivery_id: 'dlv_01m7z37c9z1h2wnsc6tyht1k4b',
	sequence: 2,
};
const body = JSON.stringify(event);
const bytes = Buffer.from(body);
const now = Date.now();
const seconds = Math.floor(now / 1000);
const secret = 'whsec_benchmark_secret_0123456789';

const signed = signOnePing(signingKey(secret), body, now);
const headers = Object.fromEntries(
	Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]),
);
const request = { method: 'POST', url: '/', headers, body: bytes };

const bareKey = createSecretKey(Buffer.from(secret));
const bareSignature = signed['X-OnePing-Signature'].slice('sha256='.length);

const standardSecret = `whsec_${randomBytes(32).toString('base64')}`;
const standard = new StandardWebhook(standardSecret);
const svix = new SvixWebhook(standardSecret);
const standardHeaders = {
	'webhook-id': 'msg_1',
	'webhook-timestamp': String(seconds),
	'webhook-signature': standard.sign('msg_1', new Date(seconds * 1000), body),
};
const stripe = new Stripe('sk_test_benchmark');
const stripeHeader = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
const octokitSignature = await octokitSign(secret, body);

const contenders: Record<string, () => unknown> = {
	'node:crypto, bare (signature and age only)': () =>
		Math.abs(Date.now() / 1000 - seconds) < 300 &&
		timingSafeEqual(
			createHmac('sha256', bareKey).update(`${seconds}.`).update(bytes).digest(),
			Buffer.from(bareSignature, 'hex'),
		),
	'sureping: receive one-ping (verified, typed)': () =>
		receive('one-ping', request, [secret], { now }).ok,
	'stripe: constructEvent (verified, parsed)': () =>
		stripe.webhooks.constructEvent(body, stripeHeader, secret),
	'standardwebhooks: verify (verified, parsed)': () => standard.verify(body, standardHeaders),
	// Returns nothing; throws when it refuses.
	'svix: verify (verified)': () => svix.verify(body, standardHeaders) === undefined,
	'@octokit/webhooks-methods: verify (signature only)': () =>
		octokitVerify(secret, body, octokitSignature),
};

async function perSecond(name: string, run: () => unknown): Promise<number> {
	const end = performance.now() + ROUND_MS;
	let count = 0;
	const start = performance.now();
	while (performance.now() < end) {
		for (let i = 0; i < 100; i++) {
			const result = run();
			if (result instanceof Promise ? !(await result) : !result) {
				throw new Error(`${name} refused it`);
			}
		}
		count += 100;
	}
	return count / ((performance.now() - start) / 1000);
}

const results = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
	for (const [name, run] of Object.entries(contenders)) {
		const figure = await perSecond(name, run);
		if (round >= 0) results.get(name)?.push(figure);
	}
}
const ours = median(results.get('sureping: receive one-ping (verified, typed)') ?? []);
console.log(`\nVerifying one webhook of ${bytes.length} bytes, median of ${ROUNDS} rounds`);
console.log(`${''.padEnd(54)}${'ops/s'.padStart(9)}   ours/this`);
for (const [name, figures] of results) {
	const figure = median(figures);
	console.log(
		`${name.padEnd(54)}${figure.toFixed(0).padStart(9)}${(ours / figure).toFixed(2).padStart(12)}`,
	);
}
