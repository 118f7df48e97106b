import type { PackageDirectoryLoader } from 'n8n-core';
import { startSink } from '../fakes/sink.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { loadOptions } from './n8n/load-options.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;
let sink: RecordingServer;
let runner: RunnerProcess;

beforeAll(async () => {
	[loader, sink] = await Promise.all([loadPackage(), startSink()]);
	runner = await startRunner({
		connections: [
			{ name: 'ops', channel: 'webhook', url: `${sink.url}/ops` },
			{ name: 'terminal', channel: 'console' },
		],
		contacts: [
			{ id: 'ada', name: 'Ada', addresses: [{ channel: 'console', address: 'ada' }] },
			{ id: 'bob', name: 'Bob', addresses: [{ channel: 'console', address: 'bob' }] },
		],
		on_call: [{ name: 'ops', members: ['ada', 'bob'] }],
		policies: [{ name: 'page', steps: [{ after_s: 0, notify: ['webhook:ops', 'on_call:ops'] }] }],
	});
}, 30_000);

afterAll(async () => {
	await runner.dispose();
	await sink.close();
});

const run = async (
	parameters: NodeRun['parameters'],
	rest: Partial<NodeRun> = {},
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials: { surepingApi: { baseUrl: runner.url, apiKey: API_KEY } },
		...rest,
		parameters,
	});

const escalate = (parameters: NodeRun['parameters'] = {}, rest: Partial<NodeRun> = {}) =>
	run({ operation: 'escalate', message: 'disk full', policy: 'page', ...parameters }, rest);

describe('escalating from a workflow', () => {
	it('opens an incident for each item by a policy of the runner, and adds to those with the same key', async () => {
		const { outputs } = await escalate(
			{ message: '={{ $json.text }}', dedupKey: '={{ $json.key }}' },
			{
				items: [
					{ text: 'disk 1', key: 'd1' },
					{ text: 'disk 2', key: 'd2' },
				],
			},
		);
		expect(outputs[0]).toMatchObject([
			{ json: { incidentId: expect.stringMatching(/^inc_/), status: 'open', dedupKey: 'd1' } },
			{ json: { opened: true, notificationId: expect.stringMatching(/^msg_/), dedupKey: 'd2' } },
		]);
		await waitUntil('both are paged', () => sink.requests.length >= 2);
		const again = await escalate({ dedupKey: 'd1' });
		expect(again.outputs[0]![0]!.json).toMatchObject({
			incidentId: outputs[0]![0]!.json.incidentId,
			opened: false,
		});
	});

	it('takes steps that are written in the node', async () => {
		const { outputs } = await escalate({
			policySource: 'canvas',
			steps: {
				values: [
					{ after: 0, notify: ['contact:ada'], ack: 'all', urgency: 'important' },
					{ after: 600, notify: 'webhook:ops', when: 'not_delivered' },
				],
			},
			escalationOptions: {
				repeat: 2,
				repeatAfter: 60,
				subject: 'Disk',
				metadata: '{"host":"db-1"}',
			},
		});
		const { incidentId } = outputs[0]![0]!.json;
		const { body } = await runner.get(`/incidents/${String(incidentId)}`);
		expect(body).toMatchObject({
			subject: 'Disk',
			metadata: { host: 'db-1' },
			source: { system: 'n8n' },
			policy_at_opening: {
				repeat: 2,
				repeat_after_s: 60,
				steps: [
					{ after_s: 0, notify: ['contact:ada'], ack: 'all', urgency: 'important' },
					{ after_s: 600, notify: ['webhook:ops'], when: 'not_delivered' },
				],
			},
		});
	});

	it('acknowledges and resolves, by key and by ID', async () => {
		const { outputs } = await escalate({ dedupKey: 'answered' });
		const incidentId = String(outputs[0]![0]!.json.incidentId);
		const answers = { dedupKey: 'answered', by: 'ada', note: 'on it' };
		const acknowledged = await run({ operation: 'acknowledge', ...answers });
		expect(acknowledged.outputs[0]![0]!.json).toMatchObject({
			matched: 1,
			incidents: [{ incidentId, status: 'acknowledged' }],
		});
		const resolved = await run({ operation: 'resolve', incidentBy: 'id', incidentId });
		expect(resolved.outputs[0]![0]!.json).toMatchObject({ incidentId, status: 'resolved' });
		const none = await run({ operation: 'resolve', dedupKey: 'answered' });
		expect(none.outputs[0]![0]!.json).toEqual({ matched: 0, incidents: [] });
	});

	it.each<[string, NodeRun['parameters'], RegExp]>([
		[
			'a policy that there is not',
			{ operation: 'escalate', message: 'm', policy: 'x' },
			/^Policy: /,
		],
		[
			'no policy',
			{ operation: 'escalate', message: 'm', policy: '={{ "" }}' },
			/^Policy: must not be/,
		],
		['no step', { operation: 'escalate', message: 'm', policySource: 'canvas' }, /^Steps: add at/],
		['no key', { operation: 'resolve', dedupKey: '={{ "" }}' }, /^Deduplication Key: must not be/],
		[
			'an unknown incident',
			{ operation: 'resolve', incidentBy: 'id', incidentId: 'inc_x' },
			/no incident with this ID/,
		],
	])('says what to change about %s', async (_what, parameters, message) => {
		const { error } = await run(parameters);
		expect(error?.message).toMatch(message);
	});

	it('lists policies, parties and incidents to choose from', async () => {
		const credentials = { surepingApi: { baseUrl: runner.url, apiKey: API_KEY } };
		const list = (method: string) => loadOptions(loader, method, credentials);
		expect(await list('getPolicies')).toEqual([{ name: 'page', value: 'page' }]);
		expect((await list('getParties')).map(({ value }) => value)).toEqual([
			'on_call:ops',
			'contact:ada',
			'contact:bob',
			'webhook',
			'console',
		]);
		await escalate({ message: 'still open', dedupKey: 'listed' });
		expect((await list('getIncidents'))[0]).toMatchObject({ name: 'still open (listed)' });
	});
});
