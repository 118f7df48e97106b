import type { INodeProperties } from 'n8n-workflow';
import { DELIVERY_EVENTS } from '../../events/event-options.ts';

const displayOptions = { show: { provider: ['generic'] } };

/** How a sender that the engine does not know signs its requests, and where the facts are in its payload. */
export const genericProperties: INodeProperties[] = [
	{
		displayName: 'Signature Header',
		name: 'genericSignatureHeader',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. X-Signature',
		displayOptions,
		description: 'The header with the signature, or with the secret itself',
	},
	{
		displayName: 'Signature Prefix',
		name: 'genericSignaturePrefix',
		type: 'string',
		default: '',
		placeholder: 'e.g. sha256=',
		displayOptions,
		description: 'The text before the signature in its header',
	},
	{
		displayName: 'Signature Name in Header',
		name: 'genericSignaturePart',
		type: 'string',
		default: '',
		placeholder: 'e.g. v1',
		displayOptions,
		description:
			'If the header is a list such as <code>t=1700000000,v1=5257a8…</code>: the name of the signature in it. One valid signature of that name is enough.',
	},
	{
		displayName: 'Algorithm',
		name: 'genericAlgorithm',
		type: 'options',
		options: [
			{ name: 'HMAC-SHA1', value: 'sha1' },
			{ name: 'HMAC-SHA256', value: 'sha256' },
			{ name: 'HMAC-SHA512', value: 'sha512' },
			{
				name: 'None',
				value: 'none',
				description: 'The header holds the secret itself, so nothing proves the body',
			},
		],
		default: 'sha256',
		displayOptions,
	},
	{
		displayName: 'Signature Encoding',
		name: 'genericEncoding',
		type: 'options',
		options: [
			{ name: 'Base64', value: 'base64' },
			{ name: 'Base64url', value: 'base64url' },
			{ name: 'Hex', value: 'hex' },
		],
		default: 'hex',
		displayOptions,
	},
	{
		displayName: 'Signed Content',
		name: 'genericSignedContent',
		type: 'string',
		default: '{body}',
		placeholder: 'e.g. {timestamp}.{body}',
		displayOptions,
		description:
			'The text that is signed. Words in braces stand for parts of the request: <code>{body}</code>, <code>{timestamp}</code>, <code>{method}</code>, and likewise, in lower case, its ID and URL.',
	},
	{
		displayName: 'Timestamp Header',
		name: 'genericTimestampHeader',
		type: 'string',
		default: '',
		placeholder: 'e.g. X-Timestamp',
		displayOptions,
		description:
			'The header with the time of signing, in seconds or milliseconds since 1970. Leave empty if there is none; the age of a request is then not checked.',
	},
	{
		displayName: 'Timestamp Name in Signature Header',
		name: 'genericTimestampPart',
		type: 'string',
		default: '',
		placeholder: 'e.g. t',
		displayOptions,
		description:
			'If the signature header is a list: the name of the time of signing in it, instead of a separate header',
	},
	{
		displayName: 'ID Header',
		name: 'genericIdHeader',
		type: 'string',
		default: '',
		placeholder: 'e.g. X-Request-ID',
		displayOptions,
		description: 'The header with the ID of the request. Leave empty if there is none.',
	},
	{
		displayName: 'Secret Encoding',
		name: 'genericSecretEncoding',
		type: 'options',
		options: [
			{ name: 'Base64', value: 'base64' },
			{ name: 'Hex', value: 'hex' },
			{ name: 'Text', value: 'utf8' },
		],
		default: 'utf8',
		displayOptions,
		description: 'How to decode the secret of the credential into the key',
	},
	{
		displayName: 'Field Paths',
		name: 'genericFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions,
		description:
			'Paths of the facts in the payload, such as <code>data.status</code>. A <code>*</code> stands for the only member of an object, whatever its name.',
		options: [
			{
				displayName: 'Bounce Type',
				name: 'bounceType',
				type: 'string',
				default: '',
				description:
					'The field that tells a hard bounce from a soft one, such as <code>hard_bounce</code>',
			},
			{ displayName: 'Channel', name: 'channel', type: 'string', default: '' },
			{ displayName: 'Code of a Failure', name: 'errorCode', type: 'string', default: '' },
			{
				displayName: 'Event ID',
				name: 'eventId',
				type: 'string',
				default: '',
				description:
					'Identifies an event, so that a repeat is recognised. If empty, the whole payload does.',
			},
			{
				displayName: 'List of Events',
				name: 'events',
				type: 'string',
				default: '',
				description: 'For requests with several events. The other paths then start at each event.',
			},
			{ displayName: 'Message of a Failure', name: 'errorMessage', type: 'string', default: '' },
			{ displayName: 'Notification ID', name: 'notificationId', type: 'string', default: 'id' },
			{ displayName: 'Recipient', name: 'recipient', type: 'string', default: '' },
			{
				displayName: 'Subtype',
				name: 'subtype',
				type: 'string',
				default: '',
				description:
					'A field that refines the type. Event types may then name both, such as <code>bounce/greylisted</code>.',
			},
			{ displayName: 'Time', name: 'occurredAt', type: 'string', default: '' },
			{ displayName: 'Type', name: 'type', type: 'string', default: 'type' },
		],
	},
	{
		displayName: 'Event Types',
		name: 'genericTypes',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Event Type',
		default: {},
		displayOptions,
		description: 'The meaning of the sender’s event names. All others arrive as unknown.',
		options: [
			{
				displayName: 'Event Type',
				name: 'values',
				values: [
					{
						displayName: 'Word of the Sender',
						name: 'providerEvent',
						type: 'string',
						default: '',
						placeholder: 'e.g. message.ok',
					},
					{
						displayName: 'Means',
						name: 'type',
						type: 'options',
						options: DELIVERY_EVENTS,
						default: 'notification.delivered',
					},
				],
			},
		],
	},
	{
		displayName: 'Bounce Types',
		name: 'genericBounceTypes',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Bounce Type',
		default: {},
		displayOptions,
		description: 'The meaning of the sender’s words for a bounce',
		options: [
			{
				displayName: 'Bounce Type',
				name: 'values',
				values: [
					{
						displayName: 'Word of the Sender',
						name: 'providerEvent',
						type: 'string',
						default: '',
						placeholder: 'e.g. true',
					},
					{
						displayName: 'Means',
						name: 'type',
						type: 'options',
						options: [
							{ name: 'Hard', value: 'hard', description: 'The address will never accept e-mail' },
							{ name: 'Soft', value: 'soft', description: 'A later e-mail may get through' },
						],
						default: 'hard',
					},
				],
			},
		],
	},
];
