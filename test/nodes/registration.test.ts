import type { PackageDirectoryLoader } from 'n8n-core';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';
import { json, startRecordingServer } from '../fakes/recording-server.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { loadPackage, nodeType } from './n8n/package.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';

let loader: PackageDirectoryLoader;
let runner: RunnerProcess;
/** Resources that a test opened and `afterEach` closes, also after a failure. */
const hosts: Pick<TriggerHost, 'close'>[] = [];

const STORED = { endpointId: 'ep_1', secret: 'whsec_x', isEphemeral: false };
/** The discard port, where nothing listens. */
const NOBODY = 'http://127.0.0.1:9';

beforeAll(async () => {
	// No second attempt: what does not get through is given up at once.
	const webhook_retry = { delays_s: [], jitter: 0, timeout_s: 2 };
	[loader, runner] = await Promise.all([loadPackage(), startRunner({ webhook_retry })]);
}, 30_000);

afterAll(async () => {
	await runner.dispose();
});

afterEach(async () => {
	await Promise.all(hosts.splice(0).map(async (host) => await host.close()));
	for (const { id } of await endpoints()) await runner.call('DELETE', `/endpoints/${id}`);
});

async function host(setup: TriggerSetup = {}, baseUrl = runner.url): Promise<TriggerHost> {
	const credentials = { surepingApi: { baseUrl, apiKey: API_KEY } };
	const started = await hostTrigger(loader, { credentials, ...setup });
	hosts.push(started);
	return started;
}

interface Listed {
	readonly id: string;
	readonly name: string;
	readonly url: string;
	readonly events: readonly string[];
	readonly status: string;
	readonly batch?: { readonly max_events: number; readonly max_wait_ms: number };
	readonly expires_at?: string;
}

async function endpoints(): Promise<readonly Listed[]> {
	return ((await runner.get('/endpoints')).body as { endpoints: Listed[] }).endpoints;
}

const send = async (): Promise<void> => {
	await runner.post('/send', { message: 'hello', channels: ['console'] });
};

/** Events that started an execution, which may have come in one request. */
const arrived = ({ executions }: TriggerHost): number => executions.flat().length;

/** Executions that each event started. */
function counts({ executions }: TriggerHost): readonly number[] {
	const ids = executions.flat().map(({ json }) => String(json.eventId));
	return [...new Set(ids)].map((id) => ids.filter((one) => one === id).length);
}

describe('activating the workflow', () => {
	it('registers the webhook at the runner and keeps its secret', async () => {
		const trigger = await host({ parameters: { events: ['notification.failed'] } });
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(await trigger.hook('create')).toBe(true);
		expect(await endpoints()).toEqual([
			expect.objectContaining({
				url: trigger.url,
				events: ['notification.failed'],
				name: 'n8n-Escalate-page-trigger-workflow',
				profile: 'sureping',
			}),
		]);
		expect(trigger.staticData).toMatchObject({
			endpointId: (await endpoints())[0]!.id,
			secret: expect.stringMatching(/^whsec_/),
		});
		expect(await trigger.hook('checkExists')).toBe(true);
	});

	it('makes the runner tell the workflow what became of a notification', async () => {
		const trigger = await host();
		await trigger.hook('create');
		await runner.post('/send', { message: 'hello', channels: ['console'] });
		await waitUntil('both events arrive', () => arrived(trigger) === 2);
		expect(
			trigger.executions
				.flat()
				.map(({ json }) => json.type)
				.sort(),
		).toEqual(['notification.delivered', 'notification.queued']);
	});

	it('gets a new secret for its own endpoint when the node has lost it, and keeps what waits there', async () => {
		const trigger = await host({ parameters: { events: ['notification.delivered'] } });
		await trigger.hook('create');
		const [before] = await endpoints();
		await trigger.hook('delete');
		await send();
		// n8n keeps static data by the name of the node, so that renaming the node loses it.
		delete trigger.staticData.secret;
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(await trigger.hook('create')).toBe(true);
		// Its former secret signs for a day.
		const former_secrets_until = [expect.any(String)];
		expect(await endpoints()).toEqual([{ ...before, former_secrets_until }]);
		await waitUntil('the held event arrives', () => arrived(trigger) === 1);
	});

	it('leaves an endpoint for another URL alone, as a copied workflow may remember one', async () => {
		const production = await host();
		await production.hook('create');
		const copy = await host({ staticData: { ...production.staticData } });
		expect(await copy.hook('checkExists')).toBe(false);
		expect(await copy.hook('create')).toBe(true);
		expect((await endpoints()).map(({ url }) => url).sort()).toEqual(
			[production.url, copy.url].sort(),
		);
		await copy.hook('delete');
		expect((await endpoints()).find(({ url }) => url === production.url)?.status).toBe('enabled');
	});

	it.each([
		['http://n8n:5678', /"n8n".*security\.allow_hosts/],
		['http://127.0.0.1:5678', /"127\.0\.0\.1".*security\.allow_hosts/],
	])(
		'at %s is refused with the exact setting that allows it',
		async (n8nUrl, setting) => {
			const careful = await startRunner({ security: { allow_hosts: [] } });
			try {
				const trigger = await host({ n8nUrl }, careful.url);
				const activation = trigger.hook('create');
				await expect(activation).rejects.toThrow(setting);
				await expect(activation).rejects.toThrow(`The webhook URL of n8n: `);
				await expect(activation).rejects.toThrow(trigger.url);
			} finally {
				await careful.dispose();
			}
		},
		20_000,
	);

	it('says what to do when the key may not register endpoints', async () => {
		const setup = { credentials: { surepingApi: { baseUrl: runner.url, apiKey: 'sp_wrong' } } };
		const trigger = await host(setup);
		await expect(trigger.hook('create')).rejects.toThrow('does not know this API key');
		expect(await endpoints()).toEqual([]);
	});
});

describe('the URL that the runner calls', () => {
	it.each([
		['http://n8n:5678', ''],
		['http://n8n:5678/', ''],
		['http://n8n:5678/prefix', '/prefix'],
	])(
		'may be the address %s, below which n8n has the webhook',
		async (runnerUrl, prefix) => {
			const there = await startRunner({ security: { allow_hosts: ['n8n'] } });
			try {
				const trigger = await host({ parameters: { options: { runnerUrl } } }, there.url);
				expect(await trigger.hook('create')).toBe(true);
				const { endpoints: made } = (await there.get('/endpoints')).body;
				const { pathname } = new URL(trigger.url);
				expect(made).toMatchObject([{ url: `http://n8n:5678${prefix}${pathname}` }]);
				expect(await trigger.hook('checkExists')).toBe(true);
			} finally {
				await there.dispose();
			}
		},
		20_000,
	);

	it('is refused in words where it is none', async () => {
		const trigger = await host({ parameters: { options: { runnerUrl: 'n8n:5678' } } });
		await expect(trigger.hook('create')).rejects.toThrow(
			'URL the Runner Calls: the URL must begin with http:// or https://',
		);
	});

	it('is what to set where n8n gives its own machine as the address', async () => {
		const careful = await startRunner({ security: { allow_hosts: [] } });
		try {
			const local = await host({ n8nUrl: 'http://localhost:5678' }, careful.url);
			await expect(local.hook('create')).rejects.toThrow(
				/"URL the Runner Calls".*http:\/\/n8n:5678/,
			);
			const named = await host({ n8nUrl: 'http://n8n:5678' }, careful.url);
			await expect(named.hook('create')).rejects.not.toThrow('URL the Runner Calls');
		} finally {
			await careful.dispose();
		}
	}, 20_000);
});

describe('batches', () => {
	it('are asked for, so that many events of one moment are few executions', async () => {
		const trigger = await host({ parameters: { events: ['notification.delivered'] } });
		await trigger.hook('create');
		expect((await endpoints())[0]!.batch).toEqual({ max_events: 100, max_wait_ms: 50 });
		const sends = Array.from({ length: 20 }, () => ({ message: 'hello', channels: ['console'] }));
		await runner.post('/send/batch', { sends });
		await waitUntil('all events arrive', () => arrived(trigger) === 20);
		expect(trigger.executions.length).toBeLessThan(20);
		expect(counts(trigger)).toEqual(Array(20).fill(1));
	});

	it('have the size that is set, and are not asked for with 1 or for a test', async () => {
		const sized = await host({ parameters: { options: { batchSize: 7 } } });
		const single = await host({ parameters: { options: { batchSize: 1 } } });
		const test = await host({ mode: 'manual' });
		for (const trigger of [sized, single, test]) await trigger.hook('create');
		const sizes = new Map((await endpoints()).map(({ url, batch }) => [url, batch?.max_events]));
		expect([sized, single, test].map(({ url }) => sizes.get(url))).toEqual([
			7,
			undefined,
			undefined,
		]);
	});

	it('of an endpoint that is there already get the size that the node asks for now', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const path = `/endpoints/${String(trigger.staticData.endpointId)}`;
		await runner.call('PATCH', path, { batch: null });
		expect(await trigger.hook('checkExists')).toBe(true);
		expect((await endpoints())[0]!.batch?.max_events).toBe(100);
	});

	it('are left out for a runner that is too old to know them', async () => {
		const endpoint = { id: 'ep_1', name: 'n8n', url: 'http://n8n', events: [], status: 'enabled' };
		const old = await startRecordingServer(({ body }) => {
			const isKnown = !body.includes('"batch"');
			const errors = [{ path: '', message: 'Unrecognized key: "batch"' }];
			return json(isKnown ? 201 : 422, isKnown ? { ...endpoint, secret: 'whsec_x' } : { errors });
		});
		hosts.push(old);
		const trigger = await host({}, old.url);
		expect(await trigger.hook('create')).toBe(true);
		expect(old.requests.map(({ body }) => body.includes('"batch"'))).toEqual([true, false]);
		expect(trigger.staticData).toMatchObject({ endpointId: 'ep_1', secret: 'whsec_x' });
	});
});

describe('an endpoint that is there already', () => {
	it('counts as missing once the runner does not have it any more', async () => {
		const trigger = await host();
		await trigger.hook('create');
		await runner.call('DELETE', `/endpoints/${String(trigger.staticData.endpointId)}`);
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(trigger.staticData.endpointId).toBeUndefined();
	});

	it('gets the events that the node asks for now, and keeps its secret', async () => {
		const trigger = await host({ parameters: { events: ['notification.failed'] } });
		await trigger.hook('create');
		const path = `/endpoints/${String(trigger.staticData.endpointId)}`;
		await runner.call('PATCH', path, { events: ['notification.delivered', 'notification.failed'] });
		const { secret } = trigger.staticData;
		expect(await trigger.hook('checkExists')).toBe(true);
		expect((await endpoints())[0]!.events).toEqual(['notification.failed']);
		expect(trigger.staticData.secret).toBe(secret);
	});

	it('gets every event again when the node asks for no particular ones', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const [before] = await endpoints();
		const path = `/endpoints/${String(trigger.staticData.endpointId)}`;
		await runner.call('PATCH', path, { events: ['notification.failed'] });
		expect(await trigger.hook('checkExists')).toBe(true);
		expect([...(await endpoints())[0]!.events].sort()).toEqual([...before!.events].sort());
	});

	const ESCALATION = Object.keys(RECEIVED_TYPES).filter((type) => type.startsWith('escalation.'));

	describe.each<[string, readonly string[] | undefined, readonly string[]]>([
		[
			'without GET /version',
			undefined,
			['notification.undelivered', 'notification.loop_stopped', ...ESCALATION],
		],
		['without some types', ['in_reply_to'], ['notification.undelivered', ...ESCALATION]],
	])('at an older runner %s', (_, features, lacking) => {
		const FEW = ['notification.failed'];

		/** Keeps the filter of one endpoint and refuses types that it does not know. */
		const startOlder = async (refused: readonly string[]) => {
			const state = { url: '', events: FEW, batch: null as unknown };
			const older = await startRecordingServer(({ method, path, body }) => {
				if (path === '/version') {
					return features ? json(200, { version: '0.0.9', features }) : json(404, {});
				}
				const { events = state.events, batch = state.batch } = body ? JSON.parse(body) : {};
				const at = events.findIndex((type: string) => refused.includes(type));
				if (at >= 0) {
					return json(422, { errors: [{ path: `events.${at}`, message: 'is not an event type' }] });
				}
				if (method === 'PATCH') Object.assign(state, { events, batch });
				const { batch: stored } = state;
				const shown = { ...state, batch: stored ?? undefined };
				return json(200, {
					...shown,
					id: 'ep_1',
					name: 'n8n',
					status: 'enabled',
				});
			});
			hosts.push(older);
			return { older, state };
		};

		it('gets every event that the runner knows when the node asks for all, and its batch size', async () => {
			const { older, state } = await startOlder(lacking);
			const trigger = await host({ staticData: STORED }, older.url);
			state.url = trigger.url;
			expect(await trigger.hook('checkExists')).toBe(true);
			expect([...state.events].sort()).toEqual(
				Object.keys(RECEIVED_TYPES)
					.filter((type) => !lacking.includes(type))
					.sort(),
			);
			expect(state.batch).toEqual({ max_events: 100, max_wait_ms: 50 });
		});

		it('does not count as ready when the runner refuses its events for another reason', async () => {
			const { older, state } = await startOlder([...lacking, 'notification.delivered']);
			const trigger = await host({ staticData: STORED }, older.url);
			state.url = trigger.url;
			await expect(trigger.hook('checkExists')).rejects.toThrow('is not an event type');
			expect(state.events).toEqual(FEW);
		});
	});

	it.each(['activate', 'update'] as const)(
		'is not taken for missing while the runner does not answer (%s)',
		async (activation) => {
			const down = await startRecordingServer(() => ({ status: 500, body: '' }));
			hosts.push(down);
			const ill = await host({ staticData: STORED }, down.url);
			await expect(ill.hook('checkExists', activation)).rejects.toThrow('it answered 500');
			const gone = await host({ staticData: STORED }, NOBODY);
			await expect(gone.hook('checkExists', activation)).rejects.toThrow('did not answer');
		},
	);

	it('keeps the workflow active when n8n starts before the runner', async () => {
		const trigger = await host({ staticData: STORED }, NOBODY);
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		expect(trigger.staticData).toEqual(STORED);
	});

	it('is looked at when n8n starts, as n8n does only for a node with a trigger function', () => {
		expect(nodeType(loader, 'webhookTrigger')).toMatchObject({
			trigger: expect.any(Function),
			execute: expect.any(Function),
		});
	});

	it('sends what was given up while n8n was down, once, when n8n starts again', async () => {
		const trigger = await host();
		await trigger.hook('create');
		trigger.breakExecutions(true);
		await send();
		await waitUntil('both webhooks are given up', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=exhausted');
			return body.webhook_deliveries.length === 2;
		});
		trigger.breakExecutions(false);
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		await waitUntil('both arrive', () => arrived(trigger) === 2);
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		await send();
		await waitUntil('later ones arrive', () => arrived(trigger) >= 4);
		expect(counts(trigger)).toEqual([1, 1, 1, 1]);
	});
});

it('what waits for its next attempt after an outage of n8n is sent when n8n starts, the oldest first', async () => {
	const patient = await startRunner({
		webhook_retry: { delays_s: [3600, 3600], jitter: 0, timeout_s: 2 },
	});
	try {
		const events = ['notification.delivered'];
		const trigger = await host({ parameters: { events, options: { batchSize: 1 } } }, patient.url);
		await trigger.hook('create');
		trigger.breakExecutions(true);
		const sent: string[] = [];
		for (let i = 0; i < 3; i++) {
			const { body } = await patient.post('/send', { message: 'hello', channels: ['console'] });
			sent.push(String(body.notification_id));
		}
		await waitUntil('each has failed once', async () => {
			const { body } = await patient.get('/webhook-deliveries?status=pending');
			const waiting = body.webhook_deliveries as { attempts: unknown[] }[];
			return waiting.length === 3 && waiting.every(({ attempts }) => attempts.length > 0);
		});
		trigger.breakExecutions(false);
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		await waitUntil('all arrive', () => arrived(trigger) === 3);
		expect(counts(trigger)).toEqual([1, 1, 1]);
	} finally {
		await patient.dispose();
	}
}, 30_000);

describe('deactivating the workflow', () => {
	it('pauses the endpoint, and activating it again lets out what was held, once', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const [before] = await endpoints();
		expect(await trigger.hook('delete')).toBe(true);
		expect(await endpoints()).toEqual([
			{ ...before, status: 'disabled', disabled_reason: 'requested' },
		]);
		await send();
		expect(trigger.executions).toEqual([]);
		expect(await trigger.hook('checkExists')).toBe(true);
		expect(await endpoints()).toEqual([before]);
		await waitUntil('both events arrive', () => arrived(trigger) === 2);
		await send();
		await waitUntil('later ones arrive', () => arrived(trigger) >= 4);
		expect(counts(trigger)).toEqual([1, 1, 1, 1]);
	});

	it('is done when the runner does not have the endpoint any more', async () => {
		const trigger = await host();
		await trigger.hook('create');
		await runner.call('DELETE', `/endpoints/${String(trigger.staticData.endpointId)}`);
		expect(await trigger.hook('delete')).toBe(true);
	});

	it('keeps what it knows when the runner does not answer', async () => {
		const trigger = await host({ staticData: STORED }, NOBODY);
		expect(await trigger.hook('delete')).toBe(false);
		expect(trigger.staticData).toEqual(STORED);
	});
});

describe('listening for a test event', () => {
	const nodeId = 'both';

	it('has an endpoint of its own for ten minutes, and leaves the active workflow alone', async () => {
		const events = { parameters: { events: ['notification.delivered'] } };
		const production = await host({ nodeId, ...events });
		await production.hook('create');
		const [active] = await endpoints();
		const test = await host({ nodeId, mode: 'manual', ...events });
		expect(await test.hook('checkExists')).toBe(false);
		expect(await test.hook('create')).toBe(true);
		const ephemeral = (await endpoints()).find(({ url }) => url === test.url);
		expect(ephemeral).toMatchObject({ name: 'n8n-test-Escalate-page-trigger-workflow' });
		const minutes = (Date.parse(ephemeral!.expires_at!) - Date.now()) / 60_000;
		expect(minutes).toBeGreaterThan(9);
		expect(minutes).toBeLessThanOrEqual(10);

		await send();
		await waitUntil('both get the event', () => arrived(test) + arrived(production) === 2);
		expect([counts(test), counts(production)]).toEqual([[1], [1]]);

		expect(await test.hook('delete')).toBe(true);
		expect(await endpoints()).toEqual([active]);
		expect(test.staticData).toEqual({});
	});

	it('replaces what an interrupted test left at the runner', async () => {
		const interrupted = await host({ nodeId: 'one', mode: 'manual' });
		await interrupted.hook('create');
		const again = await host({
			nodeId: 'one',
			mode: 'manual',
			n8nUrl: new URL(interrupted.url).origin,
		});
		expect(await again.hook('create')).toBe(true);
		expect(await endpoints()).toHaveLength(1);
		expect(again.staticData.secret).not.toBe(interrupted.staticData.secret);
		expect(await again.hook('delete')).toBe(true);
		expect(await interrupted.hook('delete')).toBe(true);
		expect(await endpoints()).toEqual([]);
	});
});

it('registers nothing for One-Ping', async () => {
	const trigger = await host({ parameters: { provider: 'onePing' } });
	expect(await trigger.hook('checkExists')).toBe(true);
	expect(await trigger.hook('create')).toBe(true);
	expect(await trigger.hook('delete')).toBe(true);
	expect(await endpoints()).toEqual([]);
});
