import type { INodeProperties } from 'n8n-workflow';

/** By operation: the facts that a model needs to call the tool at the right moment and to read its result. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
	send: 'Sends one notification to a person or a team through one or more channels, such as Slack, e-mail or SMS, and falls back to other channels when these fail. Every call sends a new message, so call it once for each notification. Returns a notificationId and a status: "queued" means accepted and still on its way, "delivered" that a channel took it. Where the answer says that nothing was sent, correct what it names and call again.',
	escalate:
		'Raises an alarm that somebody has to answer: pages one person after the other, as an escalation policy says, until somebody acknowledges it. Use it for what cannot wait, and Send for everything else. Give the same deduplication key for the same trouble: while its incident is not over, further calls page nobody again. Returns an incidentId and a status.',
	acknowledge:
		'Says that somebody takes care of an incident, by its incidentId or its deduplication key: nobody else is paged. Do this only when a person said so.',
	resolve:
		'Says that an incident is over, by its incidentId or its deduplication key: nobody is paged any more, and the next alarm with the same key opens a new incident.',
	get: 'Tells what became of one notification that was sent before, by its notificationId: its status (queued, in_progress, delivered, failed or cancelled) with every delivery and attempt. Sends nothing.',
	getMany:
		'Lists the newest notifications that were sent, each with its notificationId, status and deliveries. Use it to find what failed or is still on its way. Sends nothing.',
	cancel:
		'Stops what is still pending of one notification, by its notificationId. What was delivered already stays delivered. Sends nothing.',
};

/**
 * The description that an agent's model reads. n8n adds a parameter like this to a tool that lacks it, with a text that
 * only repeats the tool's name.
 */
export const toolProperties: INodeProperties[] = Object.entries(DESCRIPTIONS).map(
	([operation, text]) => ({
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 4 },
		default: text,
		description: 'The description of this tool for the model',
		displayOptions: {
			show: { resource: ['notification'], operation: [operation], '@tool': [true] },
		},
	}),
);
