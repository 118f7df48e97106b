import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { StatusReading } from '../status-reading.ts';

/** `GET /logs/{trackingIds}` (npm pingram, `LogsGetResponse`): rows with the facts that are known, at least one for each ID. */
export const pingramLogsSchema = z.object({
	logs: z.array(z.looseObject({ trackingId: z.string() })),
});
export type PingramLog = z.infer<typeof pingramLogsSchema>['logs'][number];

/** By the prefix of a row's fields: the channel, and the field with its address. */
export const PINGRAM_CHANNELS = {
	email: { channel: 'EMAIL', address: 'user_email' },
	sms: { channel: 'SMS', address: 'user_number' },
	call: { channel: 'CALL', address: 'user_number' },
	inapp: { channel: 'INAPP_WEB', address: 'user_id' },
	mobile_push: { channel: 'PUSH', address: 'user_id' },
	web_push: { channel: 'WEB_PUSH', address: 'user_id' },
	slack: { channel: 'SLACK', address: 'user_id' },
} as const;

/** A channel's steps in order; fields such as `email_opened_at` give their times. */
const STEPS = ['sent', 'delivered', 'failed', 'opened', 'clicked'] as const;

/** The rows of a notification as an item, with one delivery for each channel that they mention. */
export function readPingramStatus(body: unknown, id: string): StatusReading {
	const parsed = pingramLogsSchema.safeParse(body).data;
	if (!parsed) return 'unreadable';
	const rows = parsed.logs.filter(({ trackingId }) => trackingId === id);
	return rows.length > 0 ? { item: toItem(rows, id) } : 'absent';
}

function toItem(rows: readonly PingramLog[], id: string): IDataObject {
	// The facts of one notification may be spread over several rows.
	const known: Readonly<Record<string, unknown>> = Object.assign({}, ...rows);
	const deliveries = Object.entries(PINGRAM_CHANNELS).flatMap(([prefix, { channel, address }]) => {
		const status = STEPS.findLast((step) => isText(known[`${prefix}_${step}_at`]));
		if (!status) return [];
		const recipient = known[address];
		const code = known[`${prefix}_failed_code`];
		return [
			{
				channel: channel.toLowerCase(),
				...(isText(recipient) ? { recipient } : {}),
				status,
				at: known[`${prefix}_${status}_at`] as string, // it is text, see above
				...(status === 'failed' && isText(code) ? { error: { code } } : {}),
				attempts: [],
			},
		];
	});
	return {
		notificationId: id,
		status: overall(known, deliveries),
		deliveries,
		raw: [...rows] as IDataObject[], // parsed JSON
	};
}

function overall(
	known: Readonly<Record<string, unknown>>,
	deliveries: readonly { readonly status: string }[],
): string {
	const reached = deliveries.filter(({ status }) => status !== 'failed');
	if (isText(known.failed_at) || (deliveries.length > 0 && reached.length === 0)) return 'failed';
	if (reached.some(({ status }) => status !== 'sent')) return 'delivered';
	if (reached.length > 0) return 'sent';
	return isText(known.ignored) ? 'ignored' : 'queued';
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}
