import type { INodeProperties } from 'n8n-workflow';

/** OnePush documents no API for sending, so these names are the user's to set. */
export const onePushOptions = [
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "from": "ops@example.com" }',
		description: 'More fields of the request',
	},
	{
		displayName: 'ID Path',
		name: 'idPath',
		type: 'string',
		default: 'id',
		description: 'Path of the message ID in the answer; a dot goes one level down',
	},
	{
		displayName: 'Message Field',
		name: 'messageField',
		type: 'string',
		default: 'message',
		description: 'The name of the field that holds the message',
	},
	{
		displayName: 'Metadata Field',
		name: 'metadataField',
		type: 'string',
		default: 'metadata',
		description: 'The name of the field that holds the metadata',
	},
	{
		displayName: 'Recipient Field',
		name: 'recipientField',
		type: 'string',
		default: 'to',
		description: 'The name of the field that holds the recipient',
	},
	{
		displayName: 'Subject Field',
		name: 'subjectField',
		type: 'string',
		default: 'subject',
		description: 'The name of the field that holds the subject',
	},
] satisfies INodeProperties[];
