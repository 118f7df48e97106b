import type { PackageDirectoryLoader } from 'n8n-core';
import { startRecordingServer } from '../fakes/recording-server.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { loadPackage } from './n8n/package.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';

let loader: PackageDirectoryLoader;
let runner: RunnerProcess;
/** What a test opened and `afterEach` closes, also after a test that failed. */
const hosts: Pick<TriggerHost, 'close'>[] = [];

const STORED = { endpointId: 'ep_1', secret: 'whsec_x', events: [] };
/** The discard port, where nothing listens. */
const NOBODY = 'http://127.0.0.1:9';

beforeAll(async () => {
	[loader, runner] = await Promise.all([loadPackage(), startRunner()]);
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
}

async function endpoints(): Promise<readonly Listed[]> {
	return ((await runner.get('/endpoints')).body as { endpoints: Listed[] }).endpoints;
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
		await waitUntil('both events arrive', () => trigger.executions.length === 2);
		expect(trigger.executions.map(([item]) => item!.json.type).sort()).toEqual([
			'notification.delivered',
			'notification.queued',
		]);
	});

	it('replaces an endpoint of its own whose secret was lost', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const [before] = await endpoints();
		delete trigger.staticData.secret;
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(await trigger.hook('create')).toBe(true);
		const after = await endpoints();
		expect(after).toHaveLength(1);
		expect(after[0]!.id).not.toBe(before!.id);
		await runner.post('/send', { message: 'hello', channels: ['console'] });
		await waitUntil('events arrive', () => trigger.executions.length === 2);
	});

	it('names the setting that allows the URL, when the runner refuses it', async () => {
		const careful = await startRunner({ security: { allow_hosts: [] } });
		try {
			const trigger = await host({}, careful.url);
			await expect(trigger.hook('create')).rejects.toThrow(
				/The webhook URL of n8n: .*"127\.0\.0\.1".*security\.allow_hosts/,
			);
		} finally {
			await careful.dispose();
		}
	}, 20_000);

	it('says what to do when the key may not register endpoints', async () => {
		const setup = { credentials: { surepingApi: { baseUrl: runner.url, apiKey: 'sp_wrong' } } };
		const trigger = await host(setup);
		await expect(trigger.hook('create')).rejects.toThrow('does not know this API key');
		expect(await endpoints()).toEqual([]);
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

	it('counts as missing when its URL or its events are not those of the node', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const path = `/endpoints/${String(trigger.staticData.endpointId)}`;
		await runner.call('PATCH', path, { url: 'http://127.0.0.1:1/elsewhere' });
		expect(await trigger.hook('checkExists')).toBe(false);
		await runner.call('PATCH', path, { url: trigger.url });
		expect(await trigger.hook('checkExists')).toBe(true);
		trigger.staticData.events = ['notification.failed'];
		expect(await trigger.hook('checkExists')).toBe(false);
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
});

describe('deactivating the workflow', () => {
	it('removes the endpoint and forgets its secret', async () => {
		const trigger = await host();
		await trigger.hook('create');
		expect(await trigger.hook('delete')).toBe(true);
		expect(await endpoints()).toEqual([]);
		expect(trigger.staticData).toEqual({});
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

it('registers nothing for One-Ping', async () => {
	const trigger = await host({ parameters: { provider: 'onePing' } });
	expect(await trigger.hook('checkExists')).toBe(true);
	expect(await trigger.hook('create')).toBe(true);
	expect(await trigger.hook('delete')).toBe(true);
	expect(await endpoints()).toEqual([]);
});
