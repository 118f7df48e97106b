import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { ONE_PUSH_ID_PATH, onePush } from '../services/one-push.ts';
import { type HostedRequest, senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { jsonObject, optionalText, requiredText, toProblems } from './parameter-schemas.ts';

/** The names of the request's fields unless the node is given others. They are ours: OnePush documents none. */
const DEFAULT_FIELDS = {
	messageField: 'message',
	recipientField: 'to',
	subjectField: 'subject',
	metadataField: 'metadata',
} as const;
type Field = keyof typeof DEFAULT_FIELDS;

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

/** A POST to the credential's URL with its header; the names of the fields are the user's. */
export async function sendViaOnePush(context: IExecuteFunctions): Promise<Sender> {
	const { url, secretHeaderValue } = await context.getCredentials(onePush().credential);
	return senderThrough(context, {
		url: String(url).trim(),
		secret: secretHeaderValue,
		service(itemIndex) {
			const chosen = context.getNodeParameter('options.idPath', itemIndex, ONE_PUSH_ID_PATH);
			return onePush(String(chosen) || ONE_PUSH_ID_PATH);
		},
		read: (itemIndex) => read(context, itemIndex),
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
	const named = (field: Field): string => options[field] ?? DEFAULT_FIELDS[field];
	const body = {
		...additionalFields,
		[named('recipientField')]: recipient,
		[named('messageField')]: message,
		...(subject === undefined ? {} : { [named('subjectField')]: subject }),
		...(Object.keys(metadata).length > 0 ? { [named('metadataField')]: metadata } : {}),
	} as IDataObject; // text, or out of JSON
	return { ok: true, body, deliveries: [{ channel: 'email', recipient }] };
}
