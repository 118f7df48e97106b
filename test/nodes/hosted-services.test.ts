import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { PackageDirectoryLoader } from 'n8n-core';
import { LONGEST_RETRY_AFTER_MS } from '@sureping/engine';
import { judgeOf } from '../../nodes/services/hosted-service.ts';
import { HOSTED_SERVICES } from '../../nodes/services/index.ts';
import {
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from '../fakes/recording-server.ts';
import type { Credentials } from './n8n/credentials.ts';
import { loadPackage, nodeType } from './n8n/package.ts';
import { runNode } from './n8n/run-workflow.ts';

/** Facts about a hosted service that the suite needs. A service that is not here fails it. */
interface Conforming {
	/** The credential's data beside its address, and the secret in it. */
	readonly data: IDataObject;
	readonly secret: string;
	/** The credential's field for the address of the API. */
	readonly address: 'baseUrl' | 'url';
	readonly parameters: INodeParameters;
	/** The body of an acceptance with an id. */
	accepted(id: unknown): object;
	/** Its own refusals with a status of success. */
	readonly refusals: readonly IDataObject[];
	/** Its own way to ask for a wait, and the milliseconds. */
	readonly throttling?: readonly [ScriptedAnswer, number];
}

const user = { notificationType: 'order_shipped', userId: 'u1' };

const CONFORMING: Readonly<Record<string, Conforming>> = {
	onePing: {
		data: { apiKey: 'op_Ping5ecret' },
		secret: 'op_Ping5ecret',
		address: 'baseUrl',
		parameters: { message: 'Backup done', channels: ['telegram'], recipient: '@ada' },
		accepted: (id) => ({ notification_id: id, status: 'queued' }),
		refusals: [],
	},
	otpiq: {
		data: { apiKey: 'sk_Piq5ecret' },
		secret: 'sk_Piq5ecret',
		address: 'baseUrl',
		parameters: {
			smsType: 'verification',
			verificationCode: '123456',
			recipient: '+964750123456',
		},
		accepted: (id) => ({ smsId: id, remainingCredit: 100, cost: 10 }),
		refusals: [{ error: 'Invalid phone number' }, { error: 'no credit', requiredCredit: 200 }],
		throttling: [
			{ status: 429, body: JSON.stringify({ waitMinutes: 2, maxRequests: 5 }) },
			120_000,
		],
	},
	notificationApi: {
		data: { clientId: 'client/1', clientSecret: 'Api5ecret' },
		secret: 'Api5ecret',
		address: 'baseUrl',
		parameters: user,
		accepted: (id) => ({ trackingId: id, messages: [] }),
		refusals: [],
	},
	pingram: {
		data: { apiKey: 'pingram_sk_Gram5ecret' },
		secret: 'pingram_sk_Gram5ecret',
		address: 'baseUrl',
		parameters: user,
		accepted: (id) => ({ trackingId: id, messages: [] }),
		refusals: [
			{ trackingId: 'trk-9', error: { code: 'PROVIDER_FAILED', message: 'The carrier said no' } },
		],
	},
	onePush: {
		data: { headerName: 'X-Api-Key', secretHeaderValue: 'Push5ecret' },
		secret: 'Push5ecret',
		address: 'url',
		parameters: { message: 'Backup done', recipient: 'ada@example.com' },
		accepted: (id) => ({ id }),
		refusals: [],
	},
};

/** As in `test/engine/channels/conformance.test.ts`. */
const UNREADABLE = [
	'',
	'OK!',
	'<html>Sign in</html>',
	'[]',
	'null',
	'{',
	'{}',
	'"ok"',
	'\0\0',
	'{"ok":"true"}',
	'{"status":5,"messages":"none","message":null}',
];
const SUCCESSES = [200, 201, 202, 204, 206, 299];
/** Values that are no id: another type, text that is not printable ASCII, or too long. */
const NOT_IDS = [null, true, {}, [], '', 'two words', 'ümlaut', 'a\nb', 'x'.repeat(256)];

const JSON_TYPE = { 'content-type': 'application/json' };
const asJson = (status: number, value: unknown): ScriptedAnswer => ({
	status,
	body: JSON.stringify(value),
	headers: JSON_TYPE,
});

let loader: PackageDirectoryLoader;

beforeAll(async () => {
	loader = await loadPackage();
});

it('lists every hosted service that the node sends through', () => {
	const via = nodeType(loader, 'sendNotification').description.properties.find(
		({ name, options = [] }) => name === 'via' && options.length > 3,
	);
	const offered = (via?.options ?? []).flatMap((one) => ('value' in one ? [one.value] : []));
	const hosted = offered.filter((value) => value !== 'runner' && value !== 'direct').sort();
	expect(Object.keys(HOSTED_SERVICES).sort()).toEqual(hosted);
	expect(Object.keys(CONFORMING).sort()).toEqual(hosted);
});

describe.each(Object.entries(CONFORMING))('%s', (via, one) => {
	const service = HOSTED_SERVICES[via]!;
	let server: RecordingServer;

	beforeEach(async () => {
		server = await startRecordingServer(() => ({ status: 500, body: '' }));
	});

	afterEach(async () => {
		await server.close();
	});

	/** One item for each answer, all of which the node is to go on after. */
	const sendFor = async (answers: readonly ScriptedAnswer[]): Promise<readonly IDataObject[]> => {
		server.answer(...answers);
		const data = { ...one.data, [one.address]: server.url };
		const credentials: Credentials = { [service.credential]: data as never };
		const { outputs, error } = await runNode(loader, 'sendNotification', {
			credentials,
			parameters: { via, ...one.parameters },
			items: answers.map((_, n) => ({ n })),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(error).toBeUndefined();
		return outputs[0]!.map(({ json }) => json);
	};

	it('counts a 2xx that it cannot read as accepted, without an id', async () => {
		const answers = SUCCESSES.flatMap((status) => [
			...UNREADABLE.map((body) => ({ status, body })),
			...UNREADABLE.map((body) => ({ status, body, headers: JSON_TYPE })),
		]);
		const items = await sendFor(answers);
		expect(items).toHaveLength(answers.length);
		for (const json of items) {
			expect(json).toMatchObject({ status: 'queued', deliveries: expect.anything() });
			expect(json).not.toHaveProperty('notificationId');
		}
		expect(server.requests).toHaveLength(answers.length);
	});

	it('takes an id only where it is one', async () => {
		const [known, ...others] = await sendFor([
			asJson(200, one.accepted('id-1')),
			...NOT_IDS.map((id) => asJson(200, one.accepted(id))),
			asJson(200, one.accepted(`echo-${one.secret}`)),
		]);
		expect([known, ...others].filter((json) => json?.notificationId === 'id-1')).toHaveLength(1);
		const ids = [known, ...others].map((json) => json?.notificationId);
		expect(ids.filter((id) => id !== undefined)).toEqual(['id-1']);
	});

	it('takes a plain no for a no, whatever the status, and does not repeat it', async () => {
		const bodies = [
			{ ok: false },
			{ success: false },
			{ ok: false, error: 'a_word_of_tomorrow' },
			...one.refusals,
		];
		const answers = [200, 202].flatMap((status) => bodies.map((body) => asJson(status, body)));
		const items = await sendFor(answers);
		expect(items).toHaveLength(answers.length);
		for (const json of items) {
			expect(json).toEqual({ error: expect.any(String), details: expect.anything() });
		}
		expect(server.requests).toHaveLength(answers.length);
	});

	it('never repeats its secret in an item, even where a proxy does', async () => {
		const body = `Bearer ${one.secret} is not known`;
		const items = await sendFor([
			...[400, 401, 403, 404, 422].map((status) => ({ status, body })),
			asJson(200, { success: false, error: body, message: body }),
			asJson(200, { ...one.accepted('id-1'), [one.secret]: body }),
			{ status: 200, body },
			asJson(200, { ...one.accepted('id-1'), deep: [{ text: body, count: 1 }] }),
		]);
		expect(JSON.stringify(items)).not.toContain(one.secret);
	});

	it('repeats throttling and outages, after the wait that the answer asks for', () => {
		const judge = judgeOf(service);
		const reply = (status: number, headers = {}): Parameters<typeof judge>[0] => ({
			status,
			headers,
			body: '',
		});
		for (const status of [408, 420, 425, 429, 500, 502, 503, 504]) {
			expect([status, judge(reply(status)).isTransient]).toEqual([status, true]);
		}
		for (const status of [
			200, 202, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 409, 410, 413, 422,
		]) {
			expect([status, judge(reply(status)).isTransient]).toEqual([status, false]);
		}
		const waits = { '30': 30_000, '1.5': 1_500, '99999999999999999999': LONGEST_RETRY_AFTER_MS };
		for (const [header, waitMs] of Object.entries(waits)) {
			for (const status of [420, 429, 503]) {
				expect(judge(reply(status, { 'retry-after': header }))).toEqual({
					isTransient: true,
					waitMs,
				});
			}
		}
		if (one.throttling) {
			const [{ status = 429, body = '' }, waitMs] = one.throttling;
			expect(judge({ status, headers: {}, body: JSON.parse(body) })).toEqual({
				isTransient: true,
				waitMs,
			});
		}
	});
});
