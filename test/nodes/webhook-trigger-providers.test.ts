import { type GenericRules, PROVIDERS } from '@sureping/engine';
import type { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';
import { type Scene, SCENES, type SceneRequest, SIGNED_AT } from '../support/webhooks/index.ts';
import { loadPackage } from './n8n/package.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';

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

/** Where each provider's secret is in n8n, and the field of the one before it. */
const CREDENTIALS: Readonly<Record<string, readonly [string, string, string]>> = {
	'one-ping': ['onePingApi', 'webhookSecret', 'previousWebhookSecret'],
	onepush: ['onePushApi', 'webhookSecret', 'previousWebhookSecret'],
	notificationapi: ['notificationApiApi', 'webhookToken', 'previousWebhookToken'],
	pingram: ['pingramApi', 'webhookSecret', 'previousWebhookSecret'],
	otpiq: ['otpiqApi', 'webhookSecret', 'previousWebhookSecret'],
};

async function host(
	scene: Scene,
	parameters: INodeParameters = {},
	secrets: { secret?: string; previous?: string } = {},
	setup: TriggerSetup = {},
): Promise<TriggerHost> {
	const [type, secret, previous] = CREDENTIALS[scene.provider] ?? [
		'webhookSigningApi',
		'secret',
		'previousSecret',
	];
	const data: ICredentialDataDecryptedObject = {
		[secret]: secrets.secret ?? scene.secret,
		[previous]: secrets.previous ?? '',
	};
	const started = await hostTrigger(loader, {
		parameters: {
			provider: PROVIDERS[scene.provider].parameter,
			registration: 'manual',
			...genericParameters(scene.options?.generic),
			...parameters,
		},
		credentials: { [type]: data },
		internet: () => scene.certificate ?? '',
		...setup,
	});
	hosts.push(started);
	return started;
}

/** Rules as a person enters them in the node. */
function genericParameters(rules: GenericRules | undefined): INodeParameters {
	if (!rules) return {};
	return {
		genericSignatureHeader: rules.signatureHeader,
		genericSignaturePrefix: rules.signaturePrefix ?? '',
		genericAlgorithm: rules.algorithm,
		genericEncoding: rules.encoding,
		genericSignedContent: rules.signedContent,
		genericTimestampHeader: rules.timestampHeader ?? '',
		genericIdHeader: rules.idHeader ?? '',
		genericSecretEncoding: rules.secretEncoding,
		genericFields: { ...rules.fields },
		genericTypes: {
			values: Object.entries(rules.types).map(([providerEvent, type]) => ({ providerEvent, type })),
		},
	};
}

/** Posts a request to the trigger, with the query that its provider added. */
async function send(
	{ url }: TriggerHost,
	{ method, headers, body, ...request }: SceneRequest,
): Promise<Response> {
	const target = new URL(url);
	target.search = new URL(request.url).search;
	const hasBody = method !== 'GET';
	return await fetch(target, {
		method,
		headers,
		...(hasBody ? { body: new Uint8Array(body) } : {}),
	});
}

/** What nobody but the provider could have sent, changed by somebody else. */
async function forged(scene: Scene, url: string): Promise<SceneRequest> {
	if (!scene.covers.body) return await scene.sign({ url, secret: scene.otherSecret });
	const request = await scene.sign({ url });
	const changed = (text: string): string =>
		text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
	if (request.method !== 'GET') {
		return { ...request, body: Buffer.from(changed(request.body.toString())) };
	}
	const target = new URL(request.url);
	target.search = changed(target.search);
	return { ...request, url: target.href };
}

/** n8n gives a webhook one path, so that a token can only be in the query. */
const REACHABLE = SCENES.filter(
	({ title }) => title !== 'OTPIQ, delivery reports with a token in the URL',
);

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

it('has every provider here but the runner, whose webhooks a runner sends in other tests', () => {
	const seen: readonly string[] = REACHABLE.map(({ provider }) => provider);
	expect(Object.keys(PROVIDERS).filter((id) => !seen.includes(id))).toEqual(['sureping']);
});
