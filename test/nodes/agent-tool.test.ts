import type { PackageDirectoryLoader } from 'n8n-core';
import {
	type INode,
	type INodeParameters,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
	NodeHelpers,
} from 'n8n-workflow';
import { loadPackage, nodeType } from './n8n/package.ts';

const OPERATIONS = ['send', 'get', 'getMany', 'cancel'];
const VERSIONS = [1, 2];

let loader: PackageDirectoryLoader;
let tool: INodeType;

beforeAll(async () => {
	loader = await loadPackage();
	const { description } = nodeType(loader, 'sendNotification');
	tool = { description: asTool(description) };
});

/** The variant for agents, as n8n makes it of a node (n8n: tool-generation/ai-tools, `convertNodeToAiTool`). */
function asTool(description: INodeTypeDescription): INodeTypeDescription {
	return {
		...description,
		name: `${description.name}Tool`,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
	};
}

/** The description of a workflow's node that the model reads. */
function descriptionOf(typeVersion: number, stored: INodeParameters): string {
	const node: INode = {
		id: '1',
		name: 'Tool',
		type: 'n8n-nodes-sureping.sendNotificationTool',
		typeVersion,
		position: [0, 0],
		parameters: stored,
	};
	const { properties } = tool.description;
	const parameters =
		NodeHelpers.getNodeParameters(properties, stored, true, false, node, tool.description) ?? {};
	return NodeHelpers.getToolDescriptionForNode({ ...node, parameters }, tool);
}

const chosen = (operation: string): INodeParameters => ({ resource: 'notification', operation });

it.each([
	['send', 'Send a notification in Sureping'],
	['get', 'Get a notification in Sureping'],
	['getMany', 'Get many notifications in Sureping'],
	['cancel', 'Cancel a notification in Sureping'],
])('n8n calls the tool for %s "%s"', (operation, name) => {
	expect(NodeHelpers.makeNodeName(chosen(operation), tool.description)).toBe(name);
});

it('on the canvas a node is called by what it does', () => {
	const { description } = nodeType(loader, 'sendNotification');
	const name = NodeHelpers.makeNodeName(chosen('getMany'), description);
	expect(name).toBe('Get many notifications');
});

describe.each(VERSIONS)("a tool's description in version %i", (version) => {
	it('tells a model when to call it and what comes back, for each operation', () => {
		const texts = OPERATIONS.map((operation) => descriptionOf(version, { operation }));
		expect(new Set(texts).size).toBe(OPERATIONS.length);
		for (const text of texts) expect(text).toMatch(/notificationId/);
		for (const text of texts.slice(1)) expect(text).toContain('Sends nothing');
		expect(texts[0]).toContain('Every call sends a new message');
		// OpenAI takes 1,024 characters.
		for (const text of texts) expect(text.length).toBeLessThan(1024);
	});

	it('is the one that a person wrote', () => {
		const written = { descriptionType: 'manual', toolDescription: 'Tells the night shift' };
		expect(descriptionOf(version, written)).toBe('Tells the night shift');
	});
});

it('an ordinary node has no description for models', () => {
	const { description } = nodeType(loader, 'sendNotification');
	const parameters = NodeHelpers.getNodeParameters(
		description.properties,
		{},
		true,
		false,
		{ typeVersion: 2 },
		description,
	);
	expect(parameters).not.toHaveProperty('toolDescription');
	expect(parameters).toHaveProperty('message');
});
