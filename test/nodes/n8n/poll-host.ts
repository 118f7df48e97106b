import './environment.ts';
import { PollContext, type PackageDirectoryLoader } from 'n8n-core';
import {
	type IDataObject,
	type INodeExecutionData,
	type INodeParameters,
	type IPollFunctions,
	Workflow,
	type WorkflowActivateMode,
} from 'n8n-workflow';
import { type Credentials, TestCredentialsHelper } from './credentials.ts';
import { nodeType } from './package.ts';
import { additionalData } from './run-workflow.ts';

export interface PollHost {
	/** The node's static data, which n8n keeps. */
	readonly staticData: IDataObject;
	/** The first poll of an activation, and then one by the clock, in the same context. */
	activate(mode?: WorkflowActivateMode): Promise<readonly INodeExecutionData[] | null>;
	poll(): Promise<readonly INodeExecutionData[] | null>;
	/** A poll for somebody who tests the node in the editor. */
	fetchTestEvents(): Promise<readonly INodeExecutionData[] | null>;
}

let nodes = 0;

/** The polling trigger in n8n-core's own context, with its parameters' defaults. */
export function hostPoll(
	loader: PackageDirectoryLoader,
	parameters: INodeParameters,
	credentials: Credentials,
	version = 1,
): PollHost {
	const type = nodeType(loader, 'pollingTrigger');
	const workflow = new Workflow({
		id: 'poll-workflow',
		nodes: [
			{
				id: `poll-${++nodes}`,
				name: 'Poll',
				type: 'pollingTrigger',
				typeVersion: version,
				position: [0, 0],
				parameters,
				credentials: Object.fromEntries(
					Object.keys(credentials).map((name) => [name, { id: name, name }]),
				),
			},
		],
		connections: {},
		active: true,
		nodeTypes: {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		},
	});
	const node = workflow.getNode('Poll')!;
	const additional = additionalData(
		new TestCredentialsHelper(loader, credentials),
		undefined,
		workflow,
	);
	const open = (mode: 'manual' | 'trigger', activation: WorkflowActivateMode): PollContext =>
		new PollContext(workflow, node, additional, mode, activation);
	const run = async (context: PollContext): Promise<readonly INodeExecutionData[] | null> => {
		// A workflow's name is optional in n8n-core's types and required in n8n-workflow's.
		const outputs = await type.poll!.call(context as IPollFunctions);
		return outputs ? outputs[0]! : null;
	};
	let active = open('trigger', 'activate');
	return {
		staticData: workflow.getStaticData('node', node),
		activate: async (mode = 'activate') => {
			active = open('trigger', mode);
			return await run(active);
		},
		poll: async () => await run(active),
		fetchTestEvents: async () => await run(open('manual', 'manual')),
	};
}
