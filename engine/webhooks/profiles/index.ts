import { notificationApi } from './notificationapi.ts';
import { onePing, sureping } from './one-ping.ts';
import { onePush } from './onepush.ts';
import { otpiq } from './otpiq.ts';
import { pingram } from './pingram.ts';
import type { Profile } from './profile.ts';
import { standardWebhooks } from './standard-webhooks.ts';

export { type FormatOptions, type Profile, type Signing, type WebhookMessage } from './profile.ts';

export const PROFILE_IDS = [
	'sureping',
	'one-ping',
	'onepush',
	'notificationapi',
	'pingram',
	'otpiq',
	'standard-webhooks',
] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];

/** Every wire format that webhooks leave in. */
export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
	sureping,
	'one-ping': onePing,
	onepush: onePush,
	notificationapi: notificationApi,
	pingram,
	otpiq,
	'standard-webhooks': standardWebhooks,
};
