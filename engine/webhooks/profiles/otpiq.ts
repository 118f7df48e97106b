import { isForwarded, type MessageEvent } from '../../feed-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';
import { type Profile, wordOf } from './profile.ts';
import { HEADER_SECRET } from '../../report-type.ts';

const CHANNELS: readonly (string | undefined)[] = ['sms', 'whatsapp', 'telegram'];
const EVENTS: readonly ReceivedType[] = [
	'notification.sent',
	'notification.delivered',
	'notification.failed',
];

/**
 * OTPIQ's delivery reports (https://docs.otpiq.com/essentials/how-webhook-works). `smsId` is the id that a send is
 * answered with: the notification's. Up to 10 retries with exponential backoff, and 10 s to answer, are OTPIQ's
 * figures; that the backoff starts at 30 s and ends at 1 h is ours.
 */
export const otpiq: Profile = {
	docs: {
		signature: 'the secret in `X-OTPIQ-Webhook-Secret`, if there is one',
		events: 'of SMS, WhatsApp and Telegram: sent, delivered, failed',
	},
	defaultEvents: EVENTS,
	retry: {
		delaysMs: [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600].map((s) => s * 1000),
		jitter: 0.1,
		timeoutMs: 10_000,
	},
	secret: 'optional',
	refuseSecret: (secret) =>
		HEADER_SECRET.test(secret) ? undefined : 'must be printable ASCII without spaces',
	batches: false,
	payload(event, { reportType }) {
		if (!isReported(event)) return undefined;
		if (reportType === 'final' && event.event === 'notification.sent') return undefined;
		return () => ({
			smsId: event.notification_id,
			deliveryReportType: reportType,
			isFinal: isLast(event),
			channel: event.channel,
			status: wordOf(event),
			...(event.event === 'notification.failed' ? { reason: event.error?.message } : {}),
		});
	},
	concludes: (event) => isReported(event) && isLast(event),
	headers: (_body, { secrets: [secret] }) =>
		secret === undefined ? {} : { 'X-OTPIQ-Webhook-Secret': secret },
};

function isReported(event: MessageEvent): boolean {
	return CHANNELS.includes(event.channel) && EVENTS.includes(event.event);
}

/** One channel's failure is not the message's, as long as another one may deliver it. */
function isLast(event: MessageEvent): boolean {
	if (isForwarded(event)) return event.final;
	if (event.event === 'notification.failed') return event.all_channels_failed === true;
	return event.event === 'notification.delivered';
}
