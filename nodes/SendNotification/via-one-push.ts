import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { explainStatus } from '../services/explain.ts';
import { type HostedRequest, senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { jsonObject, optionalText, requiredText, toProblems } from './parameter-schemas.ts';

const ONE_PUSH = {
	title: 'OnePush',
	credential: 'onePushApi',
	credentialTitle: 'OnePush API',
	keyName: 'Header Value',
} as const;

/** Where a request has what, unless the person says otherwise. The names are ours: nothing documents OnePush's. */
const ONE_PUSH_FIELDS = {
	messageField: 'message',
	recipientField: 'to',
	subjectField: 'subject',
	metadataField: 'metadata',
	idPath: 'id',
} as const;
type Field = keyof typeof ONE_PUSH_FIELDS;

const parametersSchema = z.object({
	message: requiredText,
	recipient: requiredText,
	options: z.object({
		subject: optionalText,
		metadata: jsonObject('{"order_id": "ORD-5678"}').optional(),
		additionalFields: jsonObject('{"from": "ops@example.com"}').optional(),
		messageField: optionalText,
		recipientField: optionalText,
		subjectField: optionalText,
		metadataField: optionalText,
	}),
});

/**
 * OnePush documents its webhooks and publishes no API for sending (onepush.app). So the address and the header are the
 * credential's, the names of the fields are the person's, and any 2xx is an acceptance.
 */
export async function sendViaOnePush(context: IExecuteFunctions): Promise<Sender> {
	const { url } = await context.getCredentials(ONE_PUSH.credential);
	return senderThrough(context, {
		...ONE_PUSH,
		url: String(url).trim(),
		read: (itemIndex) => read(context, itemIndex),
		accepted(body, _status, itemIndex) {
			const { idPath } = ONE_PUSH_FIELDS;
			const chosen = context.getNodeParameter('options.idPath', itemIndex, idPath);
			return { notificationId: textAt(body, String(chosen) || idPath) };
		},
		explain: (reply) => explainStatus(ONE_PUSH, reply),
	});
}

function read(context: IExecuteFunctions, itemIndex: number): HostedRequest {
	const parsed = parametersSchema.safeParse({
		message: context.getNodeParameter('message', itemIndex),
		recipient: context.getNodeParameter('recipient', itemIndex, ''),
		options: context.getNodeParameter('options', itemIndex, {}),
	});
	if (!parsed.success) return { ok: false, problems: toProblems(parsed.error) };
	const { message, recipient, options } = parsed.data;
	const { subject, metadata = {}, additionalFields = {} } = options;
	const named = (field: Exclude<Field, 'idPath'>): string =>
		options[field] ?? ONE_PUSH_FIELDS[field];
	const body = {
		...additionalFields,
		[named('recipientField')]: recipient,
		[named('messageField')]: message,
		...(subject === undefined ? {} : { [named('subjectField')]: subject }),
		...(Object.keys(metadata).length > 0 ? { [named('metadataField')]: metadata } : {}),
	} as IDataObject; // what is not text came out of JSON
	return { ok: true, body, deliveries: [{ channel: 'email', recipient }] };
}

/** The text or number at `data.id` of an answer. */
function textAt(body: unknown, path: string): string | undefined {
	const found = path.split('.').reduce<unknown>((value, name) => {
		const isObject = typeof value === 'object' && value !== null;
		return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
	}, body);
	return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}
