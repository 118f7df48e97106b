import type { IWebhookFunctions } from 'n8n-workflow';

/**
 * The hosts at which Amazon SNS confirms subscriptions
 * (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html).
 */
const SNS_HOST = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/;

const TIMEOUT_MS = 5_000;

/** Calls the URL that confirms a subscription, which the engine took out of a verified request. False when it did not work. */
export async function confirmSubscription(
	context: IWebhookFunctions,
	url: string,
): Promise<boolean> {
	const { name } = context.getNode();
	// The engine has checked it as well: this is the one place where a request makes the node call a URL.
	const { protocol, host } = URL.canParse(url) ? new URL(url) : {};
	if (protocol !== 'https:' || host === undefined || !SNS_HOST.test(host)) {
		context.logger.warn(`${name} did not confirm a subscription: its URL is not Amazon SNS's`);
		return false;
	}
	try {
		await context.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'text',
			abortSignal: AbortSignal.timeout(TIMEOUT_MS),
			disableFollowRedirect: true,
		});
		context.logger.info(`${name} confirmed its subscription at ${host}`);
		return true;
	} catch {
		context.logger.warn(`${name} could not confirm its subscription at ${host}`);
		return false;
	}
}
