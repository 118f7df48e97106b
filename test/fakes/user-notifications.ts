import { json, objectIn, type Answer, type RecordedRequest } from './recording-server.ts';

const CHANNELS: readonly unknown[] = [
	...['EMAIL', 'INAPP_WEB', 'SMS', 'CALL', 'PUSH', 'WEB_PUSH', 'SLACK'],
];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isObject = (value: unknown): boolean =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The documented body of a send to NotificationAPI and Pingram (npm pingram 1.0.14, `SenderPostBody`). */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
	type: isText,
	to: (value) => isObject(value) && isText((value as { id?: unknown }).id),
	parameters: isObject,
	forceChannels: (value) => Array.isArray(value) && value.every((one) => CHANNELS.includes(one)),
	templateId: isText,
	subNotificationId: isText,
	schedule: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
	email: isObject,
	sms: isObject,
	inapp: isObject,
	call: isObject,
	web_push: isObject,
	mobile_push: isObject,
	slack: isObject,
	options: isObject,
};

/** The mistake in a send, or undefined. */
export function wrongFields({ body }: RecordedRequest): readonly string[] {
	const send = objectIn(body);
	if (!send) return ['body'];
	return [
		...['type', 'to'].filter((name) => send[name] === undefined),
		...Object.keys(send).filter((name) => !FIELDS[name]?.(send[name])),
	];
}

/** npm pingram, `SenderPostResponse`. */
export function accepted(trackingId: string): Answer {
	return json(200, { trackingId, messages: [] });
}
