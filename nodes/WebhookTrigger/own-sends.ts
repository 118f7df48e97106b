import type { IDataObject, IPollFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/receive/index.ts';

/** The version of each trigger since which it leaves out what its own workflow sent. */
export const SINCE = { webhookTrigger: 3, pollingTrigger: 2 } as const;

/**
 * Whether a trigger takes an event. What its own workflow sent is left out unless it is asked for: a workflow that pages
 * somebody about what failed would otherwise page about its page.
 */
export function takesEvents(
	context: IWebhookFunctions | IPollFunctions,
	since: number,
): (event: Pick<ReceivedEvent, 'source'>) => boolean {
	const { includeOwn } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const { id } = context.getWorkflow();
	if (context.getNode().typeVersion < since || includeOwn === true) return () => true;
	return ({ source }) => source?.system !== 'n8n' || source.workflowId !== id;
}
