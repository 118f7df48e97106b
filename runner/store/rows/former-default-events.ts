import type { ProfileId } from '@sureping/engine';

/** Default types of the profiles that carry every event of the runner's own. */
const OWN: readonly string[] = [
	'notification.queued',
	'notification.sent',
	'notification.delivered',
	'notification.retrying',
	'notification.failed',
	'notification.bounced',
	'notification.fallback',
	'notification.opened',
	'notification.clicked',
	'notification.read',
	'notification.complained',
	'notification.unsubscribed',
	'notification.suppressed',
	'notification.subscribed',
	'notification.received',
	'unknown',
];

/**
 * The default types of each profile at the time when rows did not say if an endpoint's types were chosen. A migration
 * uses them to tell chosen lists from defaults; they are history and never change.
 */
export const FORMER_DEFAULTS = {
	sureping: OWN,
	'one-ping': [
		'notification.delivered',
		'notification.failed',
		'notification.retrying',
		'notification.bounced',
		'notification.fallback',
	],
	onepush: [
		'notification.sent',
		'notification.delivered',
		'notification.opened',
		'notification.clicked',
		'notification.bounced',
		'notification.complained',
		'notification.unsubscribed',
	],
	notificationapi: [
		'notification.opened',
		'notification.clicked',
		'notification.failed',
		'notification.bounced',
		'notification.suppressed',
	],
	pingram: [
		'notification.delivered',
		'notification.opened',
		'notification.clicked',
		'notification.unsubscribed',
		'notification.subscribed',
		'notification.failed',
		'notification.bounced',
		'notification.suppressed',
	],
	otpiq: ['notification.sent', 'notification.delivered', 'notification.failed'],
	'standard-webhooks': OWN,
} as const satisfies Readonly<Partial<Record<ProfileId, readonly string[]>>>;

/** Condition on rows of `endpoints`: the list of events is a default that was not chosen. */
export const HAS_FORMER_DEFAULT = Object.entries(FORMER_DEFAULTS)
	.map(([profile, types]) => `(profile = '${profile}' AND events = '${JSON.stringify(types)}')`)
	.join(' OR ');
