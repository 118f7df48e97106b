import './environment.ts';
import { ExecutionLifecycleHooks, type PackageDirectoryLoader, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	type ICredentialsHelper,
	type IDataObject,
	type IExecuteContextData,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type ITaskData,
	type IWorkflowExecuteAdditionalData,
	NodeConnectionTypes,
	Workflow,
} from 'n8n-workflow';
import { type Credentials, TestCredentialsHelper } from './credentials.ts';
import { nodeType } from './package.ts';

export interface NodeRun {
	readonly parameters: INodeParameters;
	readonly credentials: Credentials;
	readonly items?: readonly IDataObject[];
	/** The type of the node that gives the items, where one of ours stands there. */
	readonly source?: string;
	/** The node's settings, such as `onError` and `retryOnFail`. */
	readonly settings?: Partial<INode>;
	/** Absent where n8n does not save the execution. */
	readonly executionId?: string;
	/** By which n8n lets others resume the execution. It has one of its own, and keeps it in a retry of what it had saved. */
	readonly resumeToken?: string;
	/** The run of an execution that failed, which a person retries: n8n starts another one with what the first had stored. */
	readonly retryOf?: NodeResult;
}

export interface NodeResult {
	/** Items by output. */
	readonly outputs: readonly (readonly INodeExecutionData[])[];
	readonly error: ITaskData['error'];
	/** Messages that n8n shows beside the output. */
	readonly hints: readonly string[];
	/** The part of an execution that n8n stores beside its output, as JSON. */
	readonly contextData: string;
}

/** Puts the items out that a test gives. */
function itemSource(items: readonly IDataObject[]): INodeType {
	return {
		description: {
			displayName: 'Items',
			name: 'items',
			group: ['trigger'],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		execute: async () => [items.map((json, item) => ({ json, pairedItem: { item } }))],
	};
}

/** Runs `Items → Node` in n8n's own engine and gives what came out of the node. */
export async function runNode(
	loader: PackageDirectoryLoader,
	name: string,
	{
		parameters,
		credentials,
		items = [{}],
		source = 'test.items',
		settings = {},
		executionId,
		resumeToken = executionId && `token-of-${executionId}`,
		retryOf,
	}: NodeRun,
): Promise<NodeResult> {
	const types: Record<string, INodeType> = {
		[source]: itemSource(items),
		[`test.${name}`]: nodeType(loader, name),
	};
	const nodeTypes: INodeTypes = {
		getByName: (type) => types[type]!,
		getByNameAndVersion: (type) => types[type]!,
		getKnownTypes: () => ({}),
	};
	const node: INode = {
		id: '7e6a9d34-14c8-4a3b-b0b1-5f2b7c8d9e03',
		name: 'Node',
		type: `test.${name}`,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		credentials: Object.fromEntries(
			Object.keys(credentials).map((type) => [type, { id: type, name: `My ${type}` }]),
		),
		...settings,
	};
	const workflow = new Workflow({
		id: 'test-workflow',
		nodes: [
			{
				id: '1',
				name: 'Items',
				type: source,
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			node,
		],
		connections: {
			Items: { main: [[{ node: 'Node', type: NodeConnectionTypes.Main, index: 0 }]] },
		},
		active: false,
		nodeTypes,
		settings: { timezone: 'Europe/Berlin' },
	});
	const start = workflow.getNode('Items')!;
	const run = createRunExecutionData({
		...(resumeToken && { resumeToken }),
		executionData: {
			contextData: JSON.parse(retryOf?.contextData ?? '{}') as IExecuteContextData, // written below
			nodeExecutionStack: [{ node: start, data: { main: [[{ json: {} }]] }, source: null }],
		},
	});
	const helper = new TestCredentialsHelper(loader, credentials);
	const additional = additionalData(helper, executionId, workflow);
	const { data } = await new WorkflowExecute(additional, 'trigger', run).processRunExecutionData(
		workflow,
	);
	const task = data.resultData.runData.Node?.at(-1);
	return {
		outputs: (task?.data?.main ?? []).map((output) => output ?? []),
		error: task?.error ?? data.resultData.error,
		hints: (task?.hints ?? []).map(({ message }) => message),
		contextData: JSON.stringify(run.executionData?.contextData ?? {}),
	};
}

export function additionalData(
	credentialsHelper: ICredentialsHelper,
	executionId: string | undefined,
	workflow: Workflow,
): IWorkflowExecuteAdditionalData {
	const url = 'http://n8n.test';
	const given: Partial<IWorkflowExecuteAdditionalData> = {
		credentialsHelper,
		...(executionId === undefined ? {} : { executionId }),
		currentNodeExecutionIndex: 0,
		hooks: new ExecutionLifecycleHooks('trigger', executionId ?? '', {
			id: workflow.id,
			name: 'Test',
			active: false,
			isArchived: false,
			createdAt: new Date(0),
			updatedAt: new Date(0),
			nodes: [],
			connections: {},
			activeVersionId: null,
		}),
		restApiUrl: url,
		instanceBaseUrl: url,
		formBaseUrl: url,
		formWaitingBaseUrl: `${url}/form-waiting`,
		formTestBaseUrl: url,
		webhookBaseUrl: `${url}/webhook`,
		webhookWaitingBaseUrl: `${url}/webhook-waiting`,
		webhookTestBaseUrl: `${url}/webhook-test`,
		variables: {},
	};
	return given as IWorkflowExecuteAdditionalData; // the rest is for agents, sub-workflows and task runners
}
