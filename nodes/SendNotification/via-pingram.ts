import type { IExecuteFunctions } from 'n8n-workflow';
import { apiUrl } from '../services/hosted-service.ts';
import { PINGRAM, PINGRAM_PATHS } from '../services/pingram/answers.ts';
import { senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { readUserNotification } from './user-notification.ts';

/** Pingram's `POST /send` (npm pingram, `DefaultApi.send`). */
export async function sendViaPingram(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl, apiKey } = await context.getCredentials(PINGRAM.credential);
	return senderThrough(context, {
		service: () => PINGRAM,
		url: apiUrl(PINGRAM, baseUrl, PINGRAM_PATHS.send),
		secret: apiKey,
		read: (itemIndex) => readUserNotification(context, itemIndex),
	});
}
