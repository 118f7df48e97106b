import { PROVIDERS } from '@sureping/engine';
import type { PackageDirectoryLoader } from 'n8n-core';
import type { INodeParameters } from 'n8n-workflow';
import {
	forged,
	isReachable,
	sceneCredential,
	sceneParameters,
	sendTo,
} from '../support/webhooks/at-trigger.ts';
import { forgedWith } from '../support/webhooks/forged-with.ts';
import { mailgun } from '../support/webhooks/mailgun.ts';
import { postmarkByHeader } from '../support/webhooks/postmark.ts';
import { notification, ses, signEnvelope, snsRequest } from '../support/webhooks/ses.ts';
import { slack } from '../support/webhooks/slack.ts';
import { twilio } from '../support/webhooks/twilio.ts';
import { whatsapp } from '../support/webhooks/whatsapp.ts';
import { type Scene, SCENES, type SceneRequest, SIGNED_AT } from '../support/webhooks/index.ts';
import { loadPackage } from './n8n/package.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';
import { leastCost } from '../support/least-cost.ts';

let loader: PackageDirectoryLoader;
const hosts: TriggerHost[] = [];

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(() => {
	// The certificate that stands in for Amazon's is good for that day only.
	jest.spyOn(Date, 'now').mockReturnValue(SIGNED_AT * 1000);
});

afterEach(async () => {
	jest.restoreAllMocks();
	await Promise.all(hosts.splice(0).map(async (host) => await host.close()));
});

async function host(
	scene: Scene,
	parameters: INodeParameters = {},
	secrets: { secret?: string; previous?: string } = {},
	setup: TriggerSetup = {},
): Promise<TriggerHost> {
	const { type, data } = sceneCredential(scene, secrets);
	const started = await hostTrigger(loader, {
		parameters: {
			...sceneParameters(scene),
			...parameters,
		},
		credentials: { [type]: data },
		internet: () => scene.certificate ?? '',
		...setup,
	});
	hosts.push(started);
	return started;
}

const send = async ({ url }: TriggerHost, request: SceneRequest): Promise<Response> =>
	await sendTo(url, request);

const REACHABLE = SCENES.filter(isReachable);

it.each(REACHABLE)('$title is verified on an n8n before 2.34 too', async (scene) => {
	const trigger = await host(scene, {}, {}, { isOldN8n: true });
	expect((await send(trigger, await scene.sign({ url: trigger.url }))).status).toBe(200);
	expect(trigger.executions).toHaveLength(1);
});

describe.each(REACHABLE.map((scene) => [scene.title, scene] as const))('%s', (_, scene) => {
	it('starts the workflow once with what it says, also when it comes again', async () => {
		const trigger = await host(scene);
		const request = await scene.sign({ url: trigger.url });
		const first = await send(trigger, request);
		expect(first.status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
		expect(trigger.executions[0]!.length).toBeGreaterThan(0);
		expect(trigger.executions[0]![0]!.json).toMatchObject({
			provider: scene.provider,
			eventId: expect.any(String),
			notificationId: expect.any(String),
		});
		const again = await send(trigger, request);
		expect(again.status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});

	it('does not read a body before it is proved: a million values cost as little as one', async () => {
		const trigger = await host(scene);
		const genuine = await scene.sign({ url: trigger.url, secret: scene.otherSecret });
		if (genuine.method !== 'POST') return;
		const costOf = (body: string, enough = 0): Promise<number> => {
			const request = forgedWith(scene, genuine, body);
			return leastCost(enough, async () => {
				expect((await send(trigger, request)).status).toBe(401);
			});
		};
		// With a reviver, which reads a text with an escape again and again, it would take 800 ms.
		const most = 200 + 2 * (await costOf(`{"a":"${'P'.repeat(2 * 1024 * 1024)}"}`, 20));
		const read = await costOf(`{"x":"\\u0050","a":[${'1,'.repeat(1024 * 1024)}1]}`, most);
		expect(read).toBeLessThan(most);
	});

	it('starts nothing when it is forged, and the caller learns nothing', async () => {
		const trigger = await host(scene);
		const response = await send(trigger, await forged(scene, trigger.url));
		expect([response.status, await response.text()]).toEqual([401, '{"message":"Unauthorized"}']);
		expect(trigger.executions).toEqual([]);
	});

	it('is accepted with the previous secret during a rotation', async () => {
		const secrets = { secret: scene.otherSecret, previous: scene.secret };
		const trigger = await host(scene, {}, secrets);
		const response = await send(trigger, await scene.sign({ url: trigger.url }));
		expect(response.status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});
});

it('has every provider here', () => {
	const seen: readonly string[] = REACHABLE.map(({ provider }) => provider);
	expect(Object.keys(PROVIDERS).filter((id) => !seen.includes(id))).toEqual([]);
});

describe('WhatsApp', () => {
	const VERIFY_TOKEN = 'a token of my choice';

	async function setUp(verifyToken: string, challenge = '1158201444'): Promise<Response> {
		const credentials = {
			webhookSigningApi: { secret: whatsapp.secret, verifyToken: VERIFY_TOKEN },
		};
		const trigger = await host(whatsapp, {}, {}, { credentials });
		const query = { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken };
		const search = new URLSearchParams({ ...query, 'hub.challenge': challenge });
		const response = await fetch(`${trigger.url}?${search.toString()}`);
		expect(trigger.executions).toEqual([]);
		return response;
	}

	it('gets its challenge back when the webhook is set up', async () => {
		const response = await setUp(VERIFY_TOKEN);
		expect([response.status, await response.text()]).toEqual([200, '1158201444']);
		expect(response.headers.get('content-type')).toContain('text/plain');
	});

	it('gets nothing back with another verify token, and nothing that is no challenge', async () => {
		expect((await setUp('guessed')).status).toBe(401);
		expect((await setUp(VERIFY_TOKEN, '<script>alert(1)</script>')).status).toBe(401);
	});
});

it('Slack gets its challenge back when the request URL is set, and only signed', async () => {
	const trigger = await host(slack);
	const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV' });
	const response = await send(trigger, await slack.sign({ body, url: trigger.url }));
	expect(response.status).toBe(200);
	expect(await response.text()).toContain('3eZbrw1aBm2rZgRNFdxV');
	const secret = slack.otherSecret;
	const unsigned = await send(trigger, await slack.sign({ body, url: trigger.url, secret }));
	expect(await unsigned.text()).not.toContain('3eZbrw1aBm2rZgRNFdxV');
	expect(trigger.executions).toEqual([]);
});

describe('Amazon SNS', () => {
	const CONFIRM = 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f';

	const confirmation = (url = CONFIRM): SceneRequest =>
		snsRequest(
			signEnvelope({
				...notification(),
				Message: 'You have chosen to subscribe to the topic.',
				SubscribeURL: url,
				Token: '2336412f',
				Type: 'SubscriptionConfirmation',
			}),
		);

	it('has its subscription confirmed, and starts nothing with that', async () => {
		const trigger = await host(ses);
		expect((await send(trigger, confirmation())).status).toBe(200);
		expect(trigger.called).toContain(CONFIRM);
		expect(trigger.executions).toEqual([]);
	});

	it('is asked to send it again when it could not be confirmed', async () => {
		const internet = (url: string): string => {
			if (url === CONFIRM) throw new Error('There is no network');
			return ses.certificate ?? '';
		};
		const trigger = await host(ses, {}, {}, { internet });
		expect((await send(trigger, confirmation())).status).toBe(503);
	});

	it('cannot make the node call another host', async () => {
		const trigger = await host(ses);
		await send(trigger, confirmation('https://169.254.169.254/latest/meta-data'));
		await send(trigger, confirmation('https://sns.us-west-2.amazonaws.com.evil.example/'));
		expect(trigger.called.filter((url) => new URL(url).host !== new URL(CONFIRM).host)).toEqual([]);
	});

	it('is refused when its certificate cannot be had', async () => {
		jest.spyOn(Date, 'now').mockReturnValue(SIGNED_AT * 1000 + 7 * 3600_000);
		const trigger = await host(ses, {}, {}, { internet: () => 'no certificate' });
		const request = await ses.sign({ at: SIGNED_AT + 7 * 3600 });
		expect((await send(trigger, request)).status).toBe(401);
		expect((await send(trigger, request)).status).toBe(401);
		// Not asked for once more within a minute.
		expect(trigger.called).toHaveLength(1);
	});
});

describe('Mailgun, which signs a token and not the body', () => {
	it('is refused when the token comes again with another body', async () => {
		const trigger = await host(mailgun);
		const request = await mailgun.sign({ url: trigger.url });
		expect((await send(trigger, request)).status).toBe(200);
		const other = request.body.toString().replace('"delivered"', '"failed"');
		expect((await send(trigger, { ...request, body: Buffer.from(other) })).status).toBe(401);
		expect(trigger.executions).toHaveLength(1);
	});

	it('is refused when the token comes to another node that has the same signing key', async () => {
		const [first, second] = [await host(mailgun), await host(mailgun)];
		const body = JSON.stringify({ event: 'opened', id: 'two-nodes' });
		const request = await mailgun.sign({ url: first.url, body });
		expect((await send(first, request)).status).toBe(200);
		const other = request.body.toString().replace('"opened"', '"failed"');
		expect((await send(second, { ...request, body: Buffer.from(other) })).status).toBe(401);
		expect(second.executions).toEqual([]);
		// Mailgun may call both with the same event.
		expect((await send(second, request)).status).toBe(200);
		expect([first.executions.length, second.executions.length]).toEqual([1, 1]);
	});

	it('may send it again when the workflow could not be started', async () => {
		const trigger = await host(mailgun);
		const request = await mailgun.sign({ url: trigger.url });
		trigger.breakExecutions(true);
		expect((await send(trigger, request)).status).toBe(500);
		trigger.breakExecutions(false);
		expect((await send(trigger, request)).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});
});

describe('Twilio, which signs the URL', () => {
	it('is verified at the URL that the node was told, where a proxy has another one', async () => {
		const publicUrl = 'https://hooks.example.com/n8n/webhook/1a2b/webhook';
		const request = await twilio.sign({ url: `${publicUrl}?order=7` });
		const told = await host(twilio, { options: { publicUrl } });
		expect((await send(told, request)).status).toBe(200);
		expect((await send(await host(twilio), request)).status).toBe(401);
	});

	it.each([
		['https://hooks.example.com', ''],
		['https://hooks.example.com/n8n/', ''],
		['https://hooks.example.com/n8n', ''],
		['https://hooks.example.com/n8n/webhook', '/webhook'],
		['https://hooks.example.com/own/path', undefined],
	])('is verified where the node was told the address %s', async (publicUrl, common) => {
		const trigger = await host(twilio, { options: { publicUrl } });
		const { pathname } = new URL(trigger.url);
		const path = common === undefined ? '' : pathname.slice(common.length);
		const url = `${publicUrl.replace(/\/$/, '')}${path}`;
		expect((await send(trigger, await twilio.sign({ url }))).status).toBe(200);
		expect((await send(trigger, await forged(twilio, url))).status).toBe(401);
		const elsewhere = await twilio.sign({ url: 'https://hooks.example.com/else' });
		expect((await send(trigger, elsewhere)).status).toBe(401);
	});

	it.each([false, true])(
		'is verified at the test URL while the node listens for a test event (n8n before 2.34: %s)',
		async (isOldN8n) => {
			const test = await host(twilio, {}, {}, { mode: 'manual', isOldN8n });
			expect(test.url).toContain('/webhook-test/');
			expect((await send(test, await twilio.sign({ url: test.url }))).status).toBe(200);
		},
	);
});

it('a header that a person chose for the secret is not in the item either', async () => {
	const secret = 'X-Our-Own: s3cret-of-ours';
	const trigger = await host(postmarkByHeader, { options: { includeHeaders: true } }, { secret });
	const request = await postmarkByHeader.sign({ url: trigger.url });
	const headers = { ...request.headers, 'x-our-own': 's3cret-of-ours', 'x-other': 'shown' };
	expect((await send(trigger, { ...request, headers })).status).toBe(200);
	const item = trigger.executions[0]![0]!.json;
	expect(item.headers).toMatchObject({ 'x-other': 'shown' });
	expect(JSON.stringify(item)).not.toContain('s3cret-of-ours');
});

it('a token of the URL is not in the item either, wherever a proxy repeats it', async () => {
	const scene = SCENES.find(({ provider }) => provider === 'notificationapi')!;
	const trigger = await host(scene, { options: { includeHeaders: true } });
	const request = await scene.sign({ url: trigger.url });
	const called = `/webhook/1a2b/webhook?a=1&token=${scene.secret}`;
	const headers = {
		...request.headers,
		'x-original-url': called,
		'x-forwarded-uri': called,
		referer: `https://n8n.example.com/hook/${scene.secret}?signature=abc123&b=2`,
	};
	expect((await send(trigger, { ...request, headers })).status).toBe(200);
	const item = trigger.executions[0]![0]!.json;
	expect(item.headers).toMatchObject({
		'x-original-url': '/webhook/1a2b/webhook?a=1&token=[hidden]',
		referer: 'https://n8n.example.com/hook/[hidden]?signature=[hidden]&b=2',
	});
	expect(JSON.stringify(item)).not.toContain(scene.secret);
});

it('a secret is not in the item, nor in the answer, whatever is sent', async () => {
	for (const scene of REACHABLE.filter(({ provider }) => provider !== 'ses')) {
		const trigger = await host(scene, { options: { includeHeaders: true } });
		const response = await send(trigger, await scene.sign({ url: trigger.url }));
		const shown = `${JSON.stringify(trigger.executions)} ${await response.text()}`;
		expect([scene.title, shown.includes(scene.secret)]).toEqual([scene.title, false]);
	}
});
