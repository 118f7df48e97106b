import { readFile } from 'node:fs/promises';
import type { PackageDirectoryLoader } from 'n8n-core';
import { type INode, type INodeType, NodeHelpers } from 'n8n-workflow';
import { loadPackage, nodeType } from './n8n/package.ts';

/** Workflows as n8n stored them with the first versions of the nodes: without the values that equalled a default. */
const STORED = ['escalate-on-failure', 'order-confirmation-with-fallback'];

let loader: PackageDirectoryLoader;
beforeAll(async () => {
	loader = await loadPackage();
});

/** The parameters with which a node of a stored workflow works now. */
function resolved(type: INodeType, node: INode): Record<string, unknown> {
	const { properties } = type.description;
	const { parameters } = node;
	return (
		NodeHelpers.getNodeParameters(properties, parameters, true, false, node, type.description) ?? {}
	);
}

const node = (type: string, typeVersion: number, parameters: INode['parameters'] = {}): INode => ({
	id: '1',
	name: type,
	type: `n8n-nodes-sureping.${type}`,
	typeVersion,
	position: [0, 0],
	parameters,
});

describe.each(STORED)('the stored workflow %s', (name) => {
	it('has the parameters that it had', async () => {
		const file = `test/fixtures/workflows/stored/${name}.json`;
		const { nodes } = JSON.parse(await readFile(file, 'utf8')) as { nodes: INode[] }; // our own
		const ours = nodes.filter(({ type }) => type.startsWith('n8n-nodes-sureping.'));
		expect(ours.length).toBeGreaterThan(0);
		for (const one of ours) {
			const type = nodeType(loader, one.type.replace('n8n-nodes-sureping.', ''));
			expect(type.description.version).toContain(one.typeVersion);
			const now = resolved(type, one);
			expect(now).toEqual({ ...now, ...one.parameters });
			expect(
				NodeHelpers.getNodeParametersIssues(type.description.properties, one, type.description),
			).toBeNull();
		}
	});
});

/** Of each node the first version: what a workflow has that chose nothing. */
it.each([
	[
		'webhookTrigger',
		2,
		{ provider: 'sureping', registration: 'automatic', events: [], options: {} },
	],
	['webhookTrigger', 2, { provider: 'twilio', events: [] }],
	['pollingTrigger', 1, { source: 'sureping', events: [], options: {} }],
	[
		'sendNotification',
		1,
		{ resource: 'notification', operation: 'send', via: 'runner', options: {} },
	],
])('%s of version %i chooses what it chose', (name, version, expected) => {
	const { provider = 'sureping' } = expected as { provider?: string };
	const parameters = name === 'webhookTrigger' ? { provider } : {};
	expect(resolved(nodeType(loader, name), node(name, version, parameters))).toMatchObject(expected);
});

it.each([
	['webhookTrigger', 3, {}, ['notification.undelivered']],
	['webhookTrigger', 3, { provider: 'twilio' }, []],
	['pollingTrigger', 2, {}, ['notification.undelivered']],
	['pollingTrigger', 2, { source: 'otpiq' }, []],
])('%s of version %i with %j starts with %j', (name, version, parameters, events) => {
	expect(resolved(nodeType(loader, name), node(name, version, parameters)).events).toEqual(events);
});

it.each([
	['webhookTrigger', 2, 3],
	['pollingTrigger', 1, 2],
	['sendNotification', 1, 2],
])('%s asks for nothing more to be filled in since version %i', (name, before, now) => {
	const { description } = nodeType(loader, name);
	const required = (version: number): string[] =>
		description.properties
			.filter(
				(property) =>
					property.required &&
					NodeHelpers.displayParameter(
						resolved(nodeType(loader, name), node(name, version)) as INode['parameters'],
						property,
						node(name, version),
						description,
					),
			)
			.map((property) => property.name);
	expect(required(now)).toEqual(required(before));
});

const options = (name: string, parameter: string, version: number): unknown[] => {
	const { description } = nodeType(loader, name);
	const one = node(name, version);
	const parameters = resolved(nodeType(loader, name), one) as INode['parameters'];
	return description.properties
		.filter(
			(property) =>
				property.name === parameter &&
				NodeHelpers.displayParameter(parameters, property, one, description),
		)
		.flatMap((property) => property.options ?? [])
		.map((option) => option.name);
};

it('the order of what there is to choose is new in the new versions only', () => {
	expect(options('sendNotification', 'operation', 1)).toEqual(['Cancel', 'Get', 'Send']);
	expect(options('sendNotification', 'operation', 2)).toEqual([
		'Send',
		'Escalate',
		'Acknowledge',
		'Resolve',
		'Get',
		'Get Many',
		'Cancel',
	]);
	expect(options('sendNotification', 'via', 1)[0]).toBe('Direct');
	expect(options('sendNotification', 'via', 2).slice(0, 2)).toEqual(['Sureping Runner', 'Direct']);
	expect(options('webhookTrigger', 'events', 2)).toContain('Failed');
	expect(options('webhookTrigger', 'events', 3)[0]).toBe('Not Delivered');
	expect(options('webhookTrigger', 'events', 3)).toContain('A Channel Failed');
	expect(options('webhookTrigger', 'events', 3)).not.toContain('Failed');
	expect(options('webhookTrigger', 'events', 3)).toContain('Escalation Exhausted');
});

it.each(['webhookTrigger', 'pollingTrigger'])('%s has a name of its own for each event', (name) => {
	const names = options(name, 'events', name === 'webhookTrigger' ? 3 : 2);
	expect(names.length).toBeGreaterThan(20);
	expect(new Set(names).size).toBe(names.length);
});
