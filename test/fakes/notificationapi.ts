import { json, type RecordingServer, startRecordingServer } from './recording-server.ts';
import { accepted, wrongFields } from './user-notifications.ts';

export interface FakeNotificationApi extends RecordingServer {
	readonly clientId: string;
	readonly clientSecret: string;
}

const CLIENT_ID = 'client/1';
const CLIENT_SECRET = 'secret_0123456789';

/**
 * The older API of NotificationAPI: `POST /{clientId}/sender` with Basic authorization
 * (https://github.com/notificationapi-com/notificationapi-node-server-sdk, `src/notificationapi.ts`). How it words a
 * refusal is made up.
 */
export async function startNotificationApi(): Promise<FakeNotificationApi> {
	let sent = 0;
	const basic = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;
	const server = await startRecordingServer(
		(request) => {
			if (request.headers.authorization !== basic) return json(401, { message: 'Unauthorized' });
			const sender = `/${encodeURIComponent(CLIENT_ID)}/sender`;
			if (request.method !== 'POST' || request.path !== sender) {
				return json(404, { message: 'Not found' });
			}
			const wrong = wrongFields(request);
			return wrong.length > 0
				? json(400, { messages: [`Invalid: ${wrong.join(', ')}`] })
				: accepted(`trk-${++sent}`);
		},
		({ status = 200, body }) => ({
			...json(status, { messages: [`${status}`] }),
			...(body === undefined ? {} : { body }),
		}),
	);
	return { ...server, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
}
