import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { HostedRequest } from './hosted-sender.ts';
import {
	isoTimeOf,
	jsonObject,
	optionalText,
	requiredText,
	toProblems,
} from './parameter-schemas.ts';

/**
 * The channels of NotificationAPI and its successor Pingram. Both take a type of notification for one of the account's
 * users (npm pingram, `SenderPostBody`; npm notificationapi-node-server-sdk, `SendRequest`).
 */
export const USER_CHANNELS = [
	'EMAIL',
	'INAPP_WEB',
	'SMS',
	'CALL',
	'PUSH',
	'WEB_PUSH',
	'SLACK',
] as const;

/** The members of Channel Content: content that replaces a template's, by channel, and options. */
const CONTENT = ['email', 'inapp', 'sms', 'call', 'web_push', 'mobile_push', 'slack', 'options'];

const parametersSchema = z.object({
	notificationType: requiredText,
	userId: requiredText,
	userEmail: optionalText,
	userNumber: z.preprocess(
		(value) => (typeof value === 'number' ? `+${value}` : value),
		optionalText,
	),
	parameters: jsonObject('{"firstName": "Ada"}'),
	options: z.object({
		forceChannels: z.array(z.enum(USER_CHANNELS)).optional(),
		templateId: optionalText,
		subNotificationId: optionalText,
		schedule: z.unknown().optional(),
		content: jsonObject('{"email": {"subject": "Hello", "html": "<p>Hello</p>"}}')
			.refine(
				(value) => Object.keys(value).every((name) => CONTENT.includes(name)),
				`must have no other keys than ${CONTENT.join(', ')}`,
			)
			.optional(),
	}),
});

const NAMES = ['notificationType', 'userId', 'userEmail', 'userNumber', 'parameters'] as const;

export function readUserNotification(context: IExecuteFunctions, itemIndex: number): HostedRequest {
	const given = NAMES.map((name) => [name, context.getNodeParameter(name, itemIndex, '')]);
	const parsed = parametersSchema.safeParse({
		...Object.fromEntries(given),
		options: context.getNodeParameter('options', itemIndex, {}),
	});
	if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
	const { notificationType, userId, userEmail, userNumber, parameters, options } = parsed.data;
	const { forceChannels = [], templateId, subNotificationId, content = {} } = options;
	const schedule = isoTimeOf(options.schedule, context.getTimezone());
	if (schedule === null) {
		return { ok: false, problems: [{ path: 'schedule', message: 'must be a date and time' }] };
	}
	const body = {
		type: notificationType,
		to: {
			id: userId,
			...(userEmail && { email: userEmail }),
			...(userNumber && { number: userNumber }),
		},
		...(Object.keys(parameters).length > 0 && { parameters }),
		...(forceChannels.length > 0 && { forceChannels }),
		...(templateId && { templateId }),
		...(subNotificationId && { subNotificationId }),
		...(schedule && { schedule }),
		...content,
	} as IDataObject; // what is not text came out of JSON
	// Without forced channels, the template decides on the channels.
	const channels = forceChannels.map((channel) => channel.toLowerCase());
	return {
		ok: true,
		body,
		deliveries: channels.map((channel) => ({
			channel,
			recipient: addressFor(channel, { userId, userEmail, userNumber }),
		})),
	};
}

interface User {
	readonly userId: string;
	readonly userEmail: string | undefined;
	readonly userNumber: string | undefined;
}

function addressFor(channel: string, { userId, userEmail, userNumber }: User): string {
	if (channel === 'email') return userEmail ?? userId;
	return channel === 'sms' || channel === 'call' ? (userNumber ?? userId) : userId;
}
