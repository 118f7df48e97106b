import type { SceneRequest, Signing } from './scene.ts';
import { SCENE_URL, SIGNED_AT } from './scene.ts';

/** The id of the message in the specification's examples. */
export const MESSAGE_ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

/** A request of the Standard Webhooks scheme under either set of header names. */
export function standardWebhooksRequest(
	names: 'webhook' | 'svix',
	{ body = '', secret = SECRET, at = SIGNED_AT, url = SCENE_URL }: Signing,
	sign: (secret: string, id: string, at: Date, body: string) => string,
): SceneRequest {
	const bytes = Buffer.from(body);
	return {
		method: 'POST',
		url,
		headers: {
			'content-type': 'application/json',
			[`${names}-id`]: MESSAGE_ID,
			[`${names}-timestamp`]: String(at),
			[`${names}-signature`]: sign(secret, MESSAGE_ID, new Date(at * 1000), bytes.toString()),
		},
		body: bytes,
	};
}
