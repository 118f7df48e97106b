// Verifying one webhook: ours next to the packages of those who invented the schemes, scheme by scheme in one run. Both
// sides do the same: they check the signature and the age, and parse no more than their scheme makes them.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import https from 'node:https';
import { Readable } from 'node:stream';
import { verify as octokitVerify } from '@octokit/webhooks-methods';
import { EventWebhook } from '@sendgrid/eventwebhook';
import { isValidSlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';
import { receive, verify } from '@sureping/engine';
import { verifySignature as verifyVonage } from '@vonage/jwt';
import { verify as verifyMessageBird } from 'messagebird/lib/webhook-signature-jwt.js';
import { verify as verifyPingram } from 'pingram/webhooks';
import SnsValidator from 'sns-validator';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import {
	SCENES,
	type Scene,
	type SceneRequest,
	SIGNED_AT,
} from '../test/support/webhooks/index.ts';
import { median } from './process.ts';

const ROUNDS = 5;
const ROUND_MS = 200;

interface Case {
	readonly scene: Scene;
	readonly request: SceneRequest;
	readonly text: string;
	/** Milliseconds since 1970. */
	readonly now: number;
	header(name: string): string;
}

/** Another library's check of the same request: returns or resolves with true, or throws. */
type Contender = (one: Case) => () => unknown;

const stripe = new Stripe('sk_test_benchmark');

const VENDORS: Readonly<Record<string, Readonly<Record<string, Contender>>>> = {
	'one-ping': {
		'node:crypto, bare': ({ scene, request, header, now }) => {
			const key = createSecretKey(Buffer.from(scene.secret));
			return () => {
				const timestamp = header('x-oneping-timestamp');
				const claimed = Buffer.from(header('x-oneping-signature').slice(7), 'hex');
				const hmac = createHmac('sha256', key).update(`${timestamp}.`).update(request.body);
				return (
					Math.abs(now / 1000 - Number(timestamp)) <= 300 && timingSafeEqual(hmac.digest(), claimed)
				);
			};
		},
	},
	pingram: {
		'pingram: verify':
			({ scene, request, header }) =>
			() =>
				verifyPingram({
					payload: request.body.toString(),
					headers: {
						id: header('x-pingram-id'),
						signature: header('x-pingram-signature'),
						timestamp: header('x-pingram-timestamp'),
					},
					secret: scene.secret,
				}) !== undefined,
	},
	'standard-webhooks': {
		'standardwebhooks: verify': ({ scene, request, text }) => {
			const webhook = new StandardWebhook(scene.secret);
			return () => webhook.verify(text, { ...request.headers }) !== undefined;
		},
	},
	svix: {
		'svix: verify': ({ scene, request, text }) => {
			const webhook = new SvixWebhook(scene.secret);
			// Returns nothing; throws when it refuses.
			return () => webhook.verify(text, { ...request.headers }) === undefined;
		},
	},
	twilio: {
		'twilio: validateRequest':
			({ scene, request, text, header }) =>
			() =>
				validateRequest(
					scene.secret,
					header('x-twilio-signature'),
					request.url,
					Object.fromEntries(new URLSearchParams(text)),
				),
	},
	sendgrid: {
		'@sendgrid/eventwebhook: verifySignature': ({ scene, request, header }) => {
			const webhook = new EventWebhook();
			const key = webhook.convertPublicKeyToECDSA(scene.secret);
			return () =>
				webhook.verifySignature(
					key,
					request.body,
					header('x-twilio-email-event-webhook-signature'),
					header('x-twilio-email-event-webhook-timestamp'),
				);
		},
	},
	messagebird: {
		'messagebird: verify': ({ scene, request, header }) => {
			const key = createSecretKey(Buffer.from(scene.secret));
			const jwt = header('messagebird-signature-jwt');
			return () => verifyMessageBird(request.url, request.body, jwt, key);
		},
	},
	vonage: {
		'@vonage/jwt: verifySignature':
			({ scene, header }) =>
			() =>
				verifyVonage(header('authorization').slice('Bearer '.length), scene.secret),
	},
	ses: {
		'sns-validator: validate': ({ text, scene }) => {
			// It fetches the certificate over https once and keeps it.
			https.get = servedFrom(scene.certificate ?? '');
			const validator = new SnsValidator();
			return () =>
				new Promise((resolve) => {
					validator.validate(text, (error) => resolve(error === null));
				});
		},
	},
	slack: {
		'@slack/bolt: isValidSlackRequest':
			({ scene, text, header, now }) =>
			() =>
				isValidSlackRequest({
					signingSecret: scene.secret,
					body: text,
					headers: {
						'x-slack-signature': header('x-slack-signature'),
						'x-slack-request-timestamp': Number(header('x-slack-request-timestamp')),
					},
					nowMilliseconds: now,
				}),
	},
	github: {
		'@octokit/webhooks-methods: verify':
			({ scene, text, header }) =>
			() =>
				octokitVerify(scene.secret, text, header('x-hub-signature-256')),
	},
	stripe: {
		'stripe: verifyHeader':
			({ scene, text, header }) =>
			() =>
				stripe.webhooks.signature?.verifyHeader(text, header('stripe-signature'), scene.secret),
	},
};

/** Stands in for the one request that the package makes. */
function servedFrom(certificate: string): typeof https.get {
	return ((_url: string, answer: (response: unknown) => void) => {
		const response = Object.assign(Readable.from([certificate]), { statusCode: 200 });
		answer(response);
		return { on: () => undefined };
	}) as unknown as typeof https.get; // only what the package calls of it
}

async function perSecond(name: string, run: () => unknown): Promise<number> {
	const end = performance.now() + ROUND_MS;
	let count = 0;
	const start = performance.now();
	while (performance.now() < end) {
		for (let i = 0; i < 20; i++) {
			const result = run();
			if (result instanceof Promise ? !(await result) : !result) {
				throw new Error(`${name} refused it`);
			}
		}
		count += 20;
	}
	return count / ((performance.now() - start) / 1000);
}

/** The first scene of each provider: its usual form. */
const cases: readonly Case[] = await Promise.all(
	[...Map.groupBy(SCENES, ({ provider }) => provider).values()]
		.flatMap(([scene]) => (scene ? [scene] : []))
		.map(async (scene) => {
			// A certificate that was made for the scenes is good for their time alone.
			const now = scene.certificate === undefined ? Date.now() : SIGNED_AT * 1000;
			const request = await scene.sign({ at: Math.floor(now / 1000) });
			return {
				scene,
				request,
				text: request.body.toString(),
				now,
				header: (name: string) => request.headers[name] ?? '',
			};
		}),
);

console.log(`\nVerifying one webhook, median of ${ROUNDS} rounds, ops/s`);
console.log(
	`${'scheme'.padEnd(20)}${'verify'.padStart(9)}${'and read'.padStart(10)}   ${'next to'.padEnd(42)}${'ops/s'.padStart(9)}${'ours/this'.padStart(11)}`,
);
for (const one of cases) {
	const { scene, request, now } = one;
	const { provider } = scene;
	const secrets = [scene.secret];
	const options = {
		now,
		...scene.options,
		found: {
			tokenUse: 'first' as const,
			...(scene.certificate === undefined ? {} : { certificates: certificateOf(one) }),
		},
	};
	const contenders: Record<string, () => unknown> = {
		ours: () => verify(provider, request, secrets, options).ok,
		read: () => receive(provider, request, secrets, options).ok,
	};
	for (const [name, contender] of Object.entries(VENDORS[provider] ?? {})) {
		contenders[name] = contender(one);
	}
	const results = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
	for (let round = -1; round < ROUNDS; round++) {
		for (const [name, run] of Object.entries(contenders)) {
			const figure = await perSecond(`${provider} ${name}`, run);
			if (round >= 0) results.get(name)?.push(figure);
		}
	}
	const figure = (name: string): number => median(results.get(name) ?? []);
	const ours = `${provider.padEnd(20)}${figure('ours').toFixed(0).padStart(9)}${figure('read').toFixed(0).padStart(10)}`;
	const others = Object.keys(VENDORS[provider] ?? {});
	if (others.length === 0) console.log(ours);
	for (const name of others) {
		const ratio = figure('ours') / figure(name);
		console.log(
			`${ours}   ${name.padEnd(42)}${figure(name).toFixed(0).padStart(9)}${ratio.toFixed(2).padStart(11)}`,
		);
	}
}

/** Amazon's certificates by the URL that the request names. */
function certificateOf({ scene, text }: Case): Record<string, string> {
	const { SigningCertURL } = JSON.parse(text) as { SigningCertURL: string }; // made by the scene
	return { [SigningCertURL]: scene.certificate ?? '' };
}
