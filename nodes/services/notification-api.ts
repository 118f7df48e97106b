import { explainStatus } from './explain.ts';
import type { HostedService } from './hosted-service.ts';
import { warningOf } from './user-notifications.ts';

/**
 * NotificationAPI's older API (npm notificationapi-node-server-sdk), which continues beside Pingram's. It documents no
 * errors, so its texts are shown as they come.
 */
export const NOTIFICATION_API: HostedService = {
	title: 'NotificationAPI',
	credential: 'notificationApiApi',
	credentialTitle: 'NotificationAPI API',
	keyName: 'Client ID and Secret',
	secretField: 'clientSecret',
	defaultBaseUrl: 'https://api.notificationapi.com',
	answers: {
		service: 'NotificationAPI',
		errors: {},
		read: (_reply, answer) => ({ id: answer?.trackingId }),
	},
	accepted: warningOf,
	explain: (reply, action) => explainStatus(NOTIFICATION_API, reply, action),
};

/** The path to which a client sends. */
export function notificationApiPath(clientId: unknown): string {
	return `/${encodeURIComponent(String(clientId))}/sender`;
}
