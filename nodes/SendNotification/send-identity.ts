import { createHash, randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

/** Stands in for the id of an execution that n8n does not save: as long-lived as the node's run, and no longer. */
const unsavedRuns = new WeakMap<object, string>();

/**
 * Names the send that an item of this run stands for: the same however often n8n runs the node for it ("Retry on
 * Fail", a worker that takes the execution over), and another one in every other execution, loop round, node, workflow
 * and n8n. Parameters count as they are written and the item as it came in: an evaluated `{{ $now }}` would make
 * every try a new send, while a model that calls this node as a tool twice in one run means two.
 */
export function createSendIdentity(context: IExecuteFunctions): (itemIndex: number) => string {
	const { id, parameters } = context.getNode();
	const run = JSON.stringify([
		context.getInstanceId(),
		context.getWorkflow().id,
		executionOf(context),
		id,
		context.evaluateExpression('{{ $runIndex }}', 0),
		parameters,
	]);
	const items = context.getInputData();
	return (itemIndex) =>
		createHash('sha256')
			.update(run)
			.update(JSON.stringify([itemIndex, items[itemIndex]?.json]))
			.digest('hex');
}

function executionOf(context: IExecuteFunctions): string {
	// Undefined, whatever its type says, where nothing is saved.
	const id: string | undefined = context.getExecutionId();
	if (id) return id;
	const run = context.getExecuteData();
	const known = unsavedRuns.get(run) ?? randomUUID();
	unsavedRuns.set(run, known);
	return known;
}
