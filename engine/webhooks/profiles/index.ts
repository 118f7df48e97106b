import { notificationApi } from './notificationapi.ts';
import { onePing } from './one-ping.ts';
import { sureping } from './sureping.ts';
import { onePush } from './onepush.ts';
import { otpiq } from './otpiq.ts';
import { pingram } from './pingram.ts';
import type { Profile } from './profile.ts';
import { standardWebhooks } from './standard-webhooks.ts';

export { type FormatOptions, type Profile, type Signing, type WebhookMessage } from './profile.ts';

/** Every profile that webhooks are sent in. */
const LIST = {
	sureping,
	'one-ping': onePing,
	onepush: onePush,
	notificationapi: notificationApi,
	pingram,
	otpiq,
	'standard-webhooks': standardWebhooks,
} as const satisfies Record<string, Profile>;

export type ProfileId = keyof typeof LIST;
export const PROFILES: Readonly<Record<ProfileId, Profile>> = LIST;

const isProfileId = (text: string): text is ProfileId => Object.hasOwn(LIST, text);

/** The profiles' ids, in the order in which lists show them. */
export const PROFILE_IDS: readonly ProfileId[] = Object.keys(LIST).filter(isProfileId);
