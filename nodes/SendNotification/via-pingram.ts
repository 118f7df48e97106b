import type { IExecuteFunctions } from 'n8n-workflow';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { explainPingram, PINGRAM } from '../services/pingram/answers.ts';
import { readUserNotification, userAcceptance } from './user-notification.ts';

/** Pingram's `POST /send` (npm pingram, `DefaultApi.send`). */
export async function sendViaPingram(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl } = await context.getCredentials(PINGRAM.credential);
	return senderThrough(context, {
		...PINGRAM,
		url: `${withoutTrailingSlash(baseUrl)}/send`,
		read: (itemIndex) => readUserNotification(context, itemIndex),
		accepted: userAcceptance,
		explain: explainPingram,
	});
}
