import { explainStatus } from './explain.ts';
import { type HostedService, objectOf } from './hosted-service.ts';

/**
 * One-Ping's API (one-ping.com/features/api). It documents the request of `POST /send` but neither its answer nor its
 * errors: the id is read from where One-Ping's webhooks have it, and error texts are shown as they come.
 */
export const ONE_PING: HostedService = {
	title: 'One-Ping',
	credential: 'onePingApi',
	credentialTitle: 'One-Ping API',
	secretField: 'apiKey',
	defaultBaseUrl: 'https://api.one-ping.com',
	answers: {
		service: 'One-Ping',
		errors: {},
		read: (_reply, answer) => ({ id: answer?.notification_id ?? answer?.id }),
	},
	accepted(reply) {
		const status = objectOf(reply)?.status;
		return typeof status === 'string' ? { status } : {};
	},
	explain: (reply, action) => explainStatus(ONE_PING, reply, action),
};

export const ONE_PING_PATHS = { send: '/send' } as const;
