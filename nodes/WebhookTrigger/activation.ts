import type { IHookFunctions, WorkflowActivateMode } from 'n8n-workflow';

/** Activations that no user made: n8n starts with the workflow active, or its main process changes. */
export const WITHOUT_A_PERSON: ReadonlySet<WorkflowActivateMode> = new Set([
	'init',
	'leadershipChange',
]);

/** True for the editor's "Listen for test event". n8n calls the node so when a test begins, but not when it ends. */
export function isListening(context: IHookFunctions): boolean {
	return context.getMode() === 'manual';
}

export function warn(context: IHookFunctions, what: string): void {
	const { id: workflowId } = context.getWorkflow();
	context.logger.warn(`${context.getNode().name} ${what}`, { workflowId });
}
