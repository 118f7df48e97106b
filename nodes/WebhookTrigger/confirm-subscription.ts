import type { IWebhookFunctions } from 'n8n-workflow';

/**
 * The hosts at which Amazon SNS confirms subscriptions
 * (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html).
 */
const SNS_HOST = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/;

const TIMEOUT_MS = 5_000;

/** Confirms a subscription by calling the URL that the engine read from a verified request. False when that failed. */
export async function confirmSubscription(
	context: IWebhookFunctions,
	url: string,
): Promise<boolean> {
	const { name } = context.getNode();
	// The engine checks it too. Only here a request makes us call a URL, so it is checked twice.
	const { protocol, host } = URL.canParse(url) ? new URL(url) : {};
	if (protocol !== 'https:' || host === undefined || !SNS_HOST.test(host)) {
		context.logger.warn(`${name} did not confirm a subscription: its URL is not one of Amazon SNS`);
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
