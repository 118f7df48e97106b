import './environment.ts';
import { LoadOptionsContext, type PackageDirectoryLoader } from 'n8n-core';
import {
	type ILoadOptionsFunctions,
	type INode,
	type INodePropertyOptions,
	Workflow,
} from 'n8n-workflow';
import { type Credentials, TestCredentialsHelper } from './credentials.ts';
import { nodeType } from './package.ts';
import { additionalData } from './run-workflow.ts';

/** Fills a drop-down of Send Notification as n8n's editor asks for it. */
export async function loadOptions(
	loader: PackageDirectoryLoader,
	method: string,
	credentials: Credentials,
): Promise<INodePropertyOptions[]> {
	const type = nodeType(loader, 'sendNotification');
	const node: INode = {
		id: 'node',
		name: 'Send Notification',
		type: 'sendNotification',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: Object.fromEntries(
			Object.keys(credentials).map((name) => [name, { id: name, name }]),
		),
	};
	const workflow = new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		},
	});
	const additional = additionalData(
		new TestCredentialsHelper(loader, credentials),
		undefined,
		workflow,
	);
	const load = type.methods?.loadOptions?.[method];
	if (!load) throw new Error(`There is no ${method}`);
	// A workflow's name is optional in n8n-core's types and required in n8n-workflow's.
	const context = new LoadOptionsContext(workflow, node, additional, '') as ILoadOptionsFunctions;
	return await load.call(context);
}
