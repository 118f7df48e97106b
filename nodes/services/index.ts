import type { HostedService } from './hosted-service.ts';
import { NOTIFICATION_API } from './notification-api.ts';
import { ONE_PING } from './one-ping.ts';
import { onePush } from './one-push.ts';
import { OTPIQ } from './otpiq/answers.ts';
import { PINGRAM } from './pingram/answers.ts';

/** Every hosted service, by the value of the node's Send Via parameter. */
export const HOSTED_SERVICES: Readonly<Record<string, HostedService>> = {
	notificationApi: NOTIFICATION_API,
	onePing: ONE_PING,
	onePush: onePush(),
	otpiq: OTPIQ,
	pingram: PINGRAM,
};
