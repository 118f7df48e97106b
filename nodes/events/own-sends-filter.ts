import type { IDataObject, IPollFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/receive/index.ts';

/** The version of each trigger since which it leaves out the events of its own workflow's sends. */
export const LEAVES_OUT_OWN_SINCE = { webhookTrigger: 3, pollingTrigger: 2 } as const;

/**
 * A filter for a trigger's events. It leaves out the events of notifications that the trigger's own workflow sent, unless
 * the option asks for them: a workflow that pages someone about each failure would otherwise page about its own page.
 */
export function ownSendsFilter(
	context: IWebhookFunctions | IPollFunctions,
	since: number,
): (event: Pick<ReceivedEvent, 'source'>) => boolean {
	const { includeOwn } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const { id } = context.getWorkflow();
	if (context.getNode().typeVersion < since || includeOwn === true) return () => true;
	return ({ source }) => source?.system !== 'n8n' || source.workflowId !== id;
}
