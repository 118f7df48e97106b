import type { INodeProperties } from 'n8n-workflow';

const answering = {
	show: { resource: ['notification'], operation: ['acknowledge', 'resolve'] },
};

/** The parameters of *Acknowledge* and *Resolve*. */
export const incidentProperties: INodeProperties[] = [
	{
		displayName: 'Incident By',
		name: 'incidentBy',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Deduplication Key',
				value: 'dedupKey',
				description: 'The key that was given when it was escalated',
			},
			{ name: 'ID', value: 'id', description: 'The incidentId in the output of Escalate' },
		],
		default: 'dedupKey',
		description: 'How the incident is named',
		displayOptions: answering,
	},
	{
		displayName: 'Deduplication Key',
		name: 'dedupKey',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. database',
		description: 'Where no incident has this key, nothing happens and the output says so',
		displayOptions: { show: { ...answering.show, incidentBy: ['dedupKey'] } },
	},
	{
		displayName: 'Incident Name or ID',
		name: 'incidentId',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getIncidents' },
		required: true,
		default: '',
		description:
			'The incident to answer. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		displayOptions: { show: { ...answering.show, incidentBy: ['id'] } },
	},
	{
		displayName: 'By',
		name: 'by',
		type: 'string',
		default: '',
		placeholder: 'e.g. ada',
		description: 'Who answers: the ID of a contact, or any name. The API key if empty.',
		displayOptions: answering,
	},
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		placeholder: 'e.g. restarting it',
		description: 'A remark for the trail of the incident and for its event',
		displayOptions: answering,
	},
];
