import type { PackageDirectoryLoader } from 'n8n-core';
import { type FakeOtpiq, startOtpiq } from '../fakes/otpiq.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;
let otpiq: FakeOtpiq;

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(async () => {
	otpiq = await startOtpiq();
});

afterEach(async () => {
	await otpiq.close();
});

const run = async (
	parameters: NodeRun['parameters'],
	{ credential = {}, ...rest }: Partial<NodeRun> & { credential?: object } = {},
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials: { otpiqApi: { apiKey: otpiq.apiKey, baseUrl: otpiq.url, ...credential } },
		...rest,
		parameters: { via: 'otpiq', ...parameters },
	});

const CODE = { recipient: '+964 750 123-456', verificationCode: '123456' };
const bodies = (): unknown[] => otpiq.requests.map(({ body }) => JSON.parse(body) as unknown);

describe('sending via OTPIQ', () => {
	it('makes the documented request for a code and puts out what is known', async () => {
		const { outputs, error } = await run(CODE);
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([
			{
				phoneNumber: '964750123456',
				smsType: 'verification',
				provider: 'auto',
				verificationCode: '123456',
			},
		]);
		expect(outputs[0]![0]!.json).toEqual({
			notificationId: 'sms-000000000000000000000001',
			status: 'queued',
			deliveries: [{ channel: 'auto', recipient: '964750123456', status: 'queued', attempts: [] }],
			raw: expect.objectContaining({ remainingCredit: 14_800, cost: 200, paymentType: 'prepaid' }),
		});
	});

	it('sends a text of the own, and nothing that belongs to another kind', async () => {
		await run({
			...CODE,
			smsType: 'custom',
			message: 'Your order left',
			senderId: 'MyShop',
			route: 'whatsapp-sms',
		});
		expect(bodies()).toEqual([
			{
				phoneNumber: '964750123456',
				smsType: 'custom',
				provider: 'whatsapp-sms',
				customMessage: 'Your order left',
				senderId: 'MyShop',
			},
		]);
	});

	it('sends a WhatsApp template with its parameters', async () => {
		const template = {
			templateName: 'order_left',
			whatsappAccountId: 'acc1',
			whatsappPhoneId: 'phone1',
		};
		await run({
			recipient: '00964750123456',
			smsType: 'whatsapp-template',
			...template,
			templateParameters: '{"body": {"1": "Ada"}}',
			route: 'whatsapp',
		});
		expect(bodies()).toEqual([
			{
				phoneNumber: '964750123456',
				smsType: 'whatsapp-template',
				provider: 'whatsapp',
				...template,
				templateParameters: { body: { 1: 'Ada' } },
			},
		]);
	});

	it("asks for delivery reports, proven by the credential's secret unless the item has its own", async () => {
		const webhookUrl = 'https://n8n.example.com/webhook/1';
		const credential = { webhookSecret: 'from_the_credential' };
		await run({ ...CODE, options: { webhookUrl, deliveryReportType: 'final' } }, { credential });
		await run({ ...CODE, options: { webhookUrl, webhookSecret: 'own' } }, { credential });
		await run({ ...CODE, options: { webhookUrl } });
		expect(bodies()).toMatchObject([
			{
				deliveryReport: {
					webhookUrl,
					deliveryReportType: 'final',
					webhookSecret: 'from_the_credential',
				},
			},
			{ deliveryReport: { webhookUrl, deliveryReportType: 'all', webhookSecret: 'own' } },
			{ deliveryReport: { webhookUrl, deliveryReportType: 'all' } },
		]);
		expect(bodies()[2]).not.toHaveProperty('deliveryReport.webhookSecret');
	});

	it.each([
		[{ ...CODE, recipient: '0750 123 4567' }, 'Phone Number'],
		[{ ...CODE, recipient: 'ada@example.com' }, 'Phone Number'],
		[{ ...CODE, recipient: '={{ "" }}' }, 'Phone Number'],
		[{ ...CODE, verificationCode: '1'.repeat(21) }, 'Verification Code'],
		[{ ...CODE, options: { webhookUrl: 'http://n8n.example.com' } }, 'Delivery Report URL'],
		[{ ...CODE, smsType: 'custom', message: 'Hi', senderId: 'TwelveLetter' }, 'Sender ID'],
		[{ ...CODE, smsType: 'custom', message: 'Hi', senderId: '={{ " " }}' }, 'Sender ID'],
		[
			{
				...CODE,
				smsType: 'whatsapp-template',
				templateName: '={{ "" }}',
				whatsappAccountId: '1',
				whatsappPhoneId: '1',
			},
			'Template Name',
		],
	])('names the parameter that is to change in %j and sends nothing', async (parameters, name) => {
		const { error } = await run(parameters);
		expect(error?.message).toContain(name);
		expect(otpiq.requests).toHaveLength(0);
	});

	it.each([
		[
			{ requiredCredit: 200, yourCredit: 50, canCover: false },
			'costs 200 IQD, and the project has 50',
		],
		[{ spendingThreshold: 1000, currentSpending: 990 }, 'threshold of 1000 IQD'],
		[{ error: 'Project is in trial mode' }, 'trial mode'],
		[{ error: 'SenderID not found' }, 'does not accept the Sender ID'],
		[{ error: 'phoneNumber is invalid' }, 'found the request invalid'],
	])('explains the refusal %j and does not repeat it', async (refusal, message) => {
		otpiq.answer({ status: 400, body: JSON.stringify(refusal) });
		const { error } = await run(CODE);
		expect(error?.message).toContain(message);
		expect(otpiq.requests).toHaveLength(1);
	});

	it('says that the key is not accepted', async () => {
		const { error } = await run(CODE, { credential: { apiKey: 'sk_live_wrong' } });
		expect(error?.message).toBe('OTPIQ does not accept the API key [Item 0]');
	});

	it('waits as long as a rate limit says, which is in minutes', async () => {
		otpiq.answer({ status: 429, retryAfter: 1.2 });
		const { error } = await run(CODE);
		expect(error).toBeUndefined();
		const [first, second] = otpiq.requests;
		expect(second!.at - first!.at).toBeGreaterThanOrEqual(1_190);
	}, 10_000);

	it('does not wait longer than an execution should, and says how long to wait', async () => {
		const body = JSON.stringify({ waitMinutes: 30, maxRequests: 5, timeWindowMinutes: 60 });
		otpiq.answer({ status: 429, body });
		const { error } = await run(CODE);
		expect(error?.message).toBe(
			'OTPIQ asks to wait 30 minutes (5 requests in 60 minutes) [Item 0]',
		);
		expect(otpiq.requests).toHaveLength(1);
	});

	it('tells the wait of a Retry-After header as well', async () => {
		otpiq.answer({ status: 429, body: '{}', headers: { 'retry-after': '3600' } });
		const { error } = await run(CODE);
		expect(error?.message).toBe('OTPIQ asks to wait 60 minutes [Item 0]');
		expect(otpiq.requests).toHaveLength(1);
	});

	it('does not send again what may have arrived', async () => {
		otpiq.answer({ reset: true });
		const { error } = await run(CODE);
		expect(otpiq.requests).toHaveLength(1);
		expect(error?.description).toContain('may have been taken, so it was not sent again');
	});

	it('does not send a second time what went out, with Retry on Fail', async () => {
		otpiq.answer({ status: 400 });
		const { error } = await run(CODE, {
			items: [{ n: 1 }, { n: 2 }],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(error).toBeUndefined();
		expect(otpiq.requests).toHaveLength(3);
	});

	it('goes on with the other items where the node is to continue', async () => {
		const { outputs } = await run(
			{ ...CODE, recipient: '={{ $json.to }}' },
			{
				items: [{ to: 'nobody' }, { to: '964750123456' }],
				settings: { onError: 'continueRegularOutput' },
			},
		);
		expect(outputs[0]!.map(({ json }) => json)).toEqual([
			{ error: expect.stringContaining('international number'), details: expect.anything() },
			expect.objectContaining({ notificationId: 'sms-000000000000000000000001' }),
		]);
	});
});

describe('getting a notification that went via OTPIQ', () => {
	const get = async (notificationId: string): Promise<NodeResult> =>
		await run({ operation: 'get', notificationId });

	it('tells the status of each channel of its route', async () => {
		// https://docs.otpiq.com/api-reference/messaging/track
		otpiq.track('sms-1', {
			status: 'sent',
			isFinalStatus: false,
			lastChannel: 'whatsapp',
			channelFlow: [
				{ channel: 'whatsapp', tried: true, success: true },
				{ channel: 'sms', tried: false },
			],
		});
		const { outputs } = await get('sms-1');
		expect(outputs[0]![0]!.json).toMatchObject({
			notificationId: 'sms-1',
			status: 'sent',
			final: false,
			deliveries: [
				{ channel: 'whatsapp', recipient: '964750123456', status: 'sent', attempts: [] },
				{ channel: 'sms', recipient: '964750123456', status: 'queued', attempts: [] },
			],
		});
	});

	it('says that OTPIQ does not know it', async () => {
		expect((await get('sms-other')).error?.message).toBe(
			'OTPIQ has no notification sms-other [Item 0]',
		);
	});

	it.each([
		['<html>Sign in</html>', 'OTPIQ answered 200, but not as its API documents [Item 0]'],
		['{"smsId":5}', 'OTPIQ answered 200, but not as its API documents [Item 0]'],
		['{"success":false,"error":"Not now"}', 'OTPIQ found the request invalid [Item 0]'],
	])('takes %s for no answer about it', async (body, message) => {
		otpiq.answer({ status: 200, body });
		expect((await get('sms-1')).error?.message).toBe(message);
	});
});
