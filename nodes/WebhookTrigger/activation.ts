import type { IHookFunctions, WorkflowActivateMode } from 'n8n-workflow';

/** Activations of a workflow that is active already: n8n starts, or its main process changes. */
export const WITHOUT_A_PERSON: ReadonlySet<WorkflowActivateMode> = new Set([
	'init',
	'leadershipChange',
]);

/** True for the editor's "Listen for test event". n8n says so when a test begins, and not when it ends. */
export function isListening(context: IHookFunctions): boolean {
	return context.getMode() === 'manual';
}

export function warn(context: IHookFunctions, what: string): void {
	const { id: workflowId } = context.getWorkflow();
	context.logger.warn(`${context.getNode().name} ${what}`, { workflowId });
}
