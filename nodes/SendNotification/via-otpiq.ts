import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { apiUrl } from '../services/hosted-service.ts';
import { OTPIQ, OTPIQ_PATHS } from '../services/otpiq/answers.ts';
import { type HostedRequest, senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { jsonObject, optionalText, requiredText, toProblems } from './parameter-schemas.ts';
import { internationalDigits } from './phone-number.ts';

/** The longest wait within an execution; OTPIQ asks for minutes. */
const LONGEST_WAIT_MS = 5 * 60_000;

/**
 * OTPIQ's `POST /sms` (docs.otpiq.com, "Send SMS"): a verification code, a custom message, or a WhatsApp template.
 * It falls back between SMS, WhatsApp and Telegram by itself and reports through its webhook.
 */
export async function sendViaOtpiq(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl, apiKey, webhookSecret } = await context.getCredentials(OTPIQ.credential);
	const ownSecret = typeof webhookSecret === 'string' ? webhookSecret : '';
	return senderThrough(context, {
		service: () => OTPIQ,
		url: apiUrl(OTPIQ, baseUrl, OTPIQ_PATHS.send),
		secret: apiKey,
		longestWaitMs: LONGEST_WAIT_MS,
		read: (itemIndex) => read(context, itemIndex, ownSecret),
	});
}

const senderId = z.string().max(11, 'must be at most 11 characters');

const shared = {
	phoneNumber: requiredText.transform((written, issues) => {
		const digits = internationalDigits(written);
		if (digits !== undefined) return digits;
		issues.addIssue(
			'must be an international number of 10 to 15 digits with its country code, such as 9647501234567',
		);
		return z.NEVER;
	}),
	route: z.enum(
		[
			'auto',
			'sms',
			'whatsapp',
			'telegram',
			'whatsapp-sms',
			'telegram-sms',
			'whatsapp-telegram-sms',
		],
		'must be one of the routes in the list',
	),
};

const options = {
	webhookUrl: optionalText.pipe(
		z
			.string()
			.startsWith('https://', 'must start with https://, as OTPIQ calls no other URLs')
			.optional(),
	),
	deliveryReportType: z.enum(['all', 'final']).optional(),
	webhookSecret: optionalText,
	senderId: optionalText.pipe(senderId.optional()),
	templateName: optionalText,
	whatsappAccountId: optionalText,
	whatsappPhoneId: optionalText,
};

/** Each kind of message with the fields that OTPIQ needs for it. */
const parametersSchema = z.discriminatedUnion('smsType', [
	z.object({
		smsType: z.literal('verification'),
		...shared,
		verificationCode: requiredText.pipe(z.string().max(20, 'must be at most 20 characters')),
		options: z.object(options),
	}),
	z.object({
		smsType: z.literal('custom'),
		...shared,
		message: requiredText,
		senderId: requiredText.pipe(senderId),
		options: z.object(options),
	}),
	z.object({
		smsType: z.literal('whatsapp-template'),
		...shared,
		templateName: requiredText,
		templateParameters: jsonObject('{"body": {"1": "Ada"}}'),
		whatsappAccountId: requiredText,
		whatsappPhoneId: requiredText,
		options: z.object(options),
	}),
]);
type Parameters = z.infer<typeof parametersSchema>;

const NAMES = [
	...['smsType', 'route', 'verificationCode', 'message', 'senderId'],
	...['templateName', 'templateParameters', 'whatsappAccountId', 'whatsappPhoneId'],
] as const;

function read(context: IExecuteFunctions, itemIndex: number, ownSecret: string): HostedRequest {
	const given = NAMES.map((name) => [name, context.getNodeParameter(name, itemIndex, '')]);
	const parsed = parametersSchema.safeParse({
		...Object.fromEntries(given),
		phoneNumber: context.getNodeParameter('recipient', itemIndex, ''),
		options: context.getNodeParameter('options', itemIndex, {}),
	});
	if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
	const { phoneNumber, smsType, route } = parsed.data;
	return {
		ok: true,
		body: {
			phoneNumber,
			smsType,
			provider: route,
			...content(parsed.data),
			...deliveryReport(parsed.data, ownSecret),
		},
		deliveries: [{ channel: route, recipient: phoneNumber }],
	};
}

function content(parameters: Parameters): IDataObject {
	switch (parameters.smsType) {
		case 'verification': {
			const { senderId, templateName, whatsappAccountId, whatsappPhoneId } = parameters.options;
			return {
				verificationCode: parameters.verificationCode,
				...present({ senderId, templateName, whatsappAccountId, whatsappPhoneId }),
			};
		}
		case 'custom':
			return { customMessage: parameters.message, senderId: parameters.senderId };
		case 'whatsapp-template': {
			const { templateName, templateParameters, whatsappAccountId, whatsappPhoneId } = parameters;
			return {
				templateName,
				templateParameters: templateParameters as IDataObject, // came out of JSON
				whatsappAccountId,
				whatsappPhoneId,
			};
		}
	}
}

function deliveryReport({ options: chosen }: Parameters, ownSecret: string): IDataObject {
	const { webhookUrl, deliveryReportType = 'all', webhookSecret } = chosen;
	if (webhookUrl === undefined) return {};
	const secret = webhookSecret ?? (ownSecret === '' ? undefined : ownSecret);
	return {
		deliveryReport: { webhookUrl, deliveryReportType, ...present({ webhookSecret: secret }) },
	};
}

function present(values: Readonly<Record<string, string | undefined>>): IDataObject {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
