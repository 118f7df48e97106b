import type { PackageDirectoryLoader } from 'n8n-core';
import type { IDataObject } from 'n8n-workflow';
import { FEATURES_SINCE } from '../../nodes/runner/older-runner.ts';
import { describeWithHistory } from '../old-databases/describe-with-history.ts';
import { buildOldRunner } from '../old-databases/old-runner.ts';
import { hostPoll } from '../nodes/n8n/poll-host.ts';
import { loadOptions } from '../nodes/n8n/load-options.ts';
import { loadPackage } from '../nodes/n8n/package.ts';
import { type NodeResult, runNode } from '../nodes/n8n/run-workflow.ts';
import { hostTrigger, type TriggerHost } from '../nodes/n8n/trigger-host.ts';
import {
	API_KEY,
	ended,
	RUNNER,
	type RunnerProcess,
	runnerAt,
	startRunner,
} from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { buildOldNodes } from './old-nodes.ts';

/** Without `GET /version`. */
const FIRST = 'c62fe7a';
/** With `GET /version`, and the last with a package of its own dependencies. */
const BEFORE_PACKAGES = 'f133abf';

const HERE = 'this commit';
const nodesOf = async (commit: string): Promise<PackageDirectoryLoader> =>
	await loadPackage(commit === HERE ? undefined : await buildOldNodes(commit));
const runnerOf = async (commit: string): Promise<readonly string[]> =>
	commit === HERE ? RUNNER : runnerAt(await buildOldRunner(commit));

/** A config that every one of them understands. */
const CONFIG = {
	api_keys: [{ name: 'n8n', key: API_KEY, scopes: ['send', 'read', 'endpoints'] }],
	connections: [
		{ name: 'terminal', channel: 'console' },
		{ name: 'screen', channel: 'console' },
	],
};

describeWithHistory.each([
	[HERE, FIRST],
	[HERE, BEFORE_PACKAGES],
	[FIRST, HERE],
	[BEFORE_PACKAGES, HERE],
])('nodes of %s with the runner of %s', (nodes, other) => {
	let loader: PackageDirectoryLoader;
	let runner: RunnerProcess;
	const hosts: TriggerHost[] = [];

	beforeAll(async () => {
		loader = await nodesOf(nodes);
		runner = await startRunner(CONFIG, undefined, [], await runnerOf(other));
	}, 60_000);
	afterAll(async () => {
		await Promise.all(hosts.map(async (host) => await host.close()));
		await runner?.dispose();
	});

	const credentials = () => ({ surepingApi: { baseUrl: runner.url, apiKey: API_KEY } });
	const run = async (
		parameters: IDataObject,
		items: readonly IDataObject[] = [{}],
	): Promise<NodeResult> =>
		await runNode(loader, 'sendNotification', {
			credentials: credentials(),
			// Plain JSON.
			parameters: parameters as never,
			items,
			executionId: `run-${++runs}`,
		});
	let runs = 0;
	const send = async (items?: readonly IDataObject[]): Promise<readonly string[]> => {
		const result = await run({ message: 'Backup done', channels: ['console'] }, items);
		expect(result.error).toBeUndefined();
		return result.outputs[0]!.map(({ json }) => String(json.notificationId));
	};

	it('sends one and gets it', async () => {
		const [id] = await send();
		expect((await ended(runner, id!)).status).toBe('delivered');
		const got = await run({ operation: 'get', notificationId: id });
		expect(got.error).toBeUndefined();
		expect(got.outputs[0]![0]!.json).toMatchObject({ notificationId: id, status: 'delivered' });
		expect(got.hints).toEqual([]);
	});

	it('sends a batch', async () => {
		const ids = await send([{ n: 1 }, { n: 2 }, { n: 3 }]);
		expect(new Set(ids).size).toBe(3);
		for (const id of ids) expect((await ended(runner, id)).status).toBe('delivered');
	});

	it('lists the connections', async () => {
		const options = await loadOptions(loader, 'getChannels', credentials());
		expect(options.map(({ value }) => value)).toEqual([
			'console',
			'console:terminal',
			'console:screen',
		]);
	});

	it('registers the trigger, pauses it and goes on', async () => {
		const trigger = await hostTrigger(loader, { credentials: credentials() });
		hosts.push(trigger);
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(await trigger.hook('create')).toBe(true);
		await send();
		const arrived = () => trigger.executions.flat().map(({ json }) => String(json.type));
		await waitUntil('both events arrive', () => arrived().length >= 2);
		expect([...arrived()].sort()).toEqual(['notification.delivered', 'notification.queued']);

		expect(await trigger.hook('delete')).toBe(true);
		const statuses = async () =>
			(await runner.get('/endpoints')).body.endpoints.map(
				({ status }: { status: string }) => status,
			);
		expect(await statuses()).toEqual(['disabled']);
		expect(await trigger.hook('checkExists')).toBe(true);
		expect(await statuses()).toEqual(['enabled']);
	});

	it('removes the endpoint of a test', async () => {
		const trigger = await hostTrigger(loader, { credentials: credentials(), mode: 'manual' });
		hosts.push(trigger);
		const count = async () => (await runner.get('/endpoints')).body.endpoints.length as number;
		const before = await count();
		expect(await trigger.hook('create', 'manual')).toBe(true);
		expect(await count()).toBe(before + 1);
		expect(await trigger.hook('delete', 'manual')).toBe(true);
		expect(await count()).toBe(before);
	});

	it('polls the feed', async () => {
		const trigger = hostPoll(loader, { source: 'sureping' }, credentials());
		await trigger.activate();
		const [id] = await send();
		await ended(runner, id!);
		const items = (await trigger.poll()) ?? [];
		expect(items.map(({ json }) => [json.type, json.notificationId])).toEqual([
			['notification.queued', id],
			['notification.delivered', id],
		]);
		expect(await trigger.poll()).toBeNull();
	});
});

describeWithHistory('nodes of this commit that ask an older runner for what it lacks', () => {
	let loader: PackageDirectoryLoader;
	let runner: RunnerProcess;
	let trigger: TriggerHost | undefined;
	beforeAll(async () => {
		loader = await nodesOf(HERE);
		runner = await startRunner(CONFIG, undefined, [], await runnerOf(FIRST));
	}, 60_000);
	afterAll(async () => {
		await trigger?.close();
		await runner?.dispose();
	});

	const events = ['notification.undelivered'];
	const credentials = () => ({ surepingApi: { baseUrl: runner.url, apiKey: API_KEY } });
	const sentence = () =>
		`This needs sureping ${FEATURES_SINCE.undelivered} or newer; the runner at ${runner.url} is older. Update it: https://`;

	it('send all the same, and say what is lost', async () => {
		const { error, outputs, hints } = await runNode(loader, 'sendNotification', {
			credentials: credentials(),
			parameters: { message: 'Backup done', channels: ['console'] },
			items: [{}, {}],
			executionId: 'run-1',
		});
		expect(error).toBeUndefined();
		expect(outputs[0]).toHaveLength(2);
		expect(hints).toEqual([
			expect.stringContaining(
				`The runner at ${runner.url} is older than sureping ${FEATURES_SINCE.source}: it does not store`,
			),
		]);
	});

	it('name the version when the trigger is activated, and register nothing', async () => {
		trigger = await hostTrigger(loader, { credentials: credentials(), parameters: { events } });
		await expect(trigger.hook('create')).rejects.toThrow(sentence());
		expect((await runner.get('/endpoints')).body.endpoints).toEqual([]);
	});

	it('get every event that it knows for a trigger of all whose endpoint had a few', async () => {
		const wide = await hostTrigger(loader, { credentials: credentials() });
		try {
			expect(await wide.hook('create')).toBe(true);
			const path = `/endpoints/${String(wide.staticData.endpointId)}`;
			await runner.call('PATCH', path, { events: ['notification.failed'] });
			expect(await wide.hook('checkExists')).toBe(true);
			const { events: all } = (await runner.get(path)).body;
			expect(all).toContain('notification.delivered');
			expect(all).toContain('notification.suppressed');
			expect(all).not.toContain('notification.undelivered');
			await runner.call('DELETE', path);
		} finally {
			await wide.close();
		}
	});

	it('name the version when the feed is polled', async () => {
		const parameters = { source: 'sureping', events, options: { startAt: 'oldest' } };
		const poll = hostPoll(loader, parameters, credentials());
		await expect(poll.activate()).rejects.toThrow(sentence());
	});
});
