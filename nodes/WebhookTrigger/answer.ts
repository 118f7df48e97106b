import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import {
	type Accepted,
	REJECTION_REASONS,
	type RejectionReason,
} from '../../engine/receive/index.ts';

/**
 * The answer to an accepted request: the one that its provider requires, else the node's Response Body, else the number
 * of events that started the workflow. The status is always 200.
 */
export function answerFor(
	context: IWebhookFunctions,
	{ answer }: Accepted,
	responseBody: string,
	received: number,
): IWebhookResponseData['webhookResponse'] {
	if (answer) return text(context, answer.contentType, answer.body);
	if (responseBody === '') return { received };
	const isJson = parses(responseBody);
	return text(context, isJson ? 'application/json' : 'text/plain', responseBody);
}

/** n8n sends a text unchanged, and as HTML unless the header says otherwise. */
function text(context: IWebhookFunctions, contentType: string, body: string): string {
	context.getResponseObject().setHeader('content-type', contentType);
	return body;
}

/** The caller gets 401 without a reason; the log has the reason. */
export function refuse(context: IWebhookFunctions, reason: RejectionReason): IWebhookResponseData {
	context.logger.warn(
		`${context.getNode().name} refused a webhook: ${REJECTION_REASONS[reason]} (${reason})`,
		{ workflowId: context.getWorkflow().id, reason },
	);
	return answerWith(context, 401, { message: 'Unauthorized' });
}

/** For a GET from a provider that only uses POST. */
export function refuseMethod(context: IWebhookFunctions): IWebhookResponseData {
	context.getResponseObject().setHeader('allow', 'POST');
	return answerWith(context, 405, { message: 'Method Not Allowed' });
}

/** Makes the provider send the webhook again. */
export function askAgain(context: IWebhookFunctions): IWebhookResponseData {
	return answerWith(context, 503, { message: 'Try again later' });
}

function answerWith(
	context: IWebhookFunctions,
	status: number,
	body: IDataObject,
): IWebhookResponseData {
	context.getResponseObject().status(status).json(body);
	return { noWebhookResponse: true };
}

function parses(json: string): boolean {
	try {
		JSON.parse(json);
		return true;
	} catch {
		return false;
	}
}
