import { randomUUID } from 'node:crypto';
import type { WorkflowFile, WorkflowFileNode } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';

/** The names of the nodes in a workflow that is about one of ours. */
export const NODE = 'Node';
export const START = 'Start';

export type NodeType = 'sendNotification' | 'webhookTrigger' | 'pollingTrigger';

/** One of our nodes in a workflow file, called `NODE`. */
export function ourNode(
	type: NodeType,
	typeVersion: number,
	parameters: Record<string, unknown>,
	credentials: WorkflowFileNode['credentials'] = { surepingApi: {} },
): WorkflowFileNode {
	return {
		id: randomUUID(),
		name: NODE,
		type: `n8n-nodes-sureping.${type}`,
		typeVersion,
		position: [200, 0],
		parameters,
		credentials,
		...(type === 'webhookTrigger' ? { webhookId: randomUUID() } : {}),
	};
}

/** A workflow that runs a node by hand, from `START`. */
export const startedByHand = (name: string, node: WorkflowFileNode): WorkflowFile => ({
	name,
	nodes: [
		{
			name: START,
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		node,
	],
	connections: { [START]: { main: [[{ node: NODE, type: 'main', index: 0 }]] } },
});

/** The items that `NODE` gave in some executions. */
export const itemsOf = (executions: readonly ExecutionResult[]): Record<string, unknown>[] =>
	executions.flatMap(({ runs }) => runs[NODE] ?? []).flatMap(({ outputs }) => outputs.flat());
