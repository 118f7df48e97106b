import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { StatusReading } from '../status-reading.ts';

/** `GET /sms/track/{smsId}` (docs.otpiq.com/api-reference/messaging/track). */
export const otpiqTrackSchema = z.looseObject({
	smsId: z.string().min(1),
	phoneNumber: z.string().optional(),
	/** `pending`, `sent`, `delivered`, `read`, `failed`, or `expired`, which older clients know. */
	status: z.string().min(1),
	isFinalStatus: z.boolean().optional(),
	/** `sms`, `whatsapp` or `telegram`. */
	lastChannel: z.string().optional(),
	channelFlow: z
		.array(
			z.looseObject({
				channel: z.string(),
				tried: z.boolean().optional(),
				success: z.boolean().optional(),
			}),
		)
		.optional(),
});
export type OtpiqTrack = z.infer<typeof otpiqTrackSchema>;

const FINAL: ReadonlySet<string> = new Set(['delivered', 'read', 'failed', 'expired']);

/** True when nothing more will happen to the message; by its status when the answer does not say. */
export function isFinalTrack({ isFinalStatus, status }: OtpiqTrack): boolean {
	return isFinalStatus ?? FINAL.has(status);
}

/** A tracking answer as an item, with one delivery for each channel of the route that OTPIQ takes. */
export function readOtpiqStatus(body: unknown): StatusReading {
	const track = otpiqTrackSchema.safeParse(body).data;
	return track ? { item: toItem(track) } : 'unreadable';
}

function toItem(track: OtpiqTrack): IDataObject {
	const { smsId, phoneNumber, status, lastChannel, channelFlow = [] } = track;
	const flow = channelFlow.length > 0 || !lastChannel ? channelFlow : [{ channel: lastChannel }];
	return {
		notificationId: smsId,
		status,
		final: isFinalTrack(track),
		deliveries: flow.map((step) => ({
			channel: step.channel,
			...(phoneNumber === undefined ? {} : { recipient: phoneNumber }),
			status: step.channel === lastChannel ? status : stepStatus(step),
			attempts: [],
		})),
		raw: track as IDataObject, // parsed JSON
	};
}

function stepStatus({ tried, success }: NonNullable<OtpiqTrack['channelFlow']>[number]): string {
	if (tried !== true) return 'queued';
	return success === false ? 'failed' : 'sent';
}
