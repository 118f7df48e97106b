import { z } from 'zod/v4';

const MONTH_S = 30 * 24 * 3600;

const secondsOrForever = z.number().min(1).nullable();

export const retentionSchema = z.strictObject({
	events_s: secondsOrForever
		.default(MONTH_S)
		.describe('Seconds that events stay in the feed. `null` keeps them for ever.'),
	notifications_s: secondsOrForever
		.default(MONTH_S)
		.describe(
			'Seconds that a notification stays after its newest event. `null` keeps it for ever.',
		),
	webhook_deliveries_s: secondsOrForever
		.default(MONTH_S)
		.describe('Seconds that a webhook delivery stays after it ended. `null` keeps it for ever.'),
	held_s: secondsOrForever
		.default(3 * MONTH_S)
		.describe(
			'Seconds that webhooks are held for a disabled endpoint. `null` holds them for ever.',
		),
	reports_s: secondsOrForever
		.default(MONTH_S)
		.describe('Seconds that reports of providers stay. `null` keeps them for ever.'),
	incidents_s: secondsOrForever
		.default(3 * MONTH_S)
		.describe(
			'Seconds that an incident stays after it was resolved or cancelled, or, if nobody answered, after its last change. `null` keeps it for ever.',
		),
});
