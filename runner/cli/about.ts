import { type FeedEvent, isAboutMessage, type Source } from '@sureping/engine';

/** The origin of a send, on one line: the system, the workflow, the execution and its address. */
export function sourceText(source: Source): string {
	const { system, workflow_name, workflow_id, execution_id, url } = source;
	const workflow = workflow_name === undefined ? workflow_id : `"${workflow_name}"`;
	return [
		system,
		workflow === undefined ? undefined : `workflow ${workflow}`,
		execution_id === undefined ? undefined : `execution ${execution_id}`,
		url,
	]
		.filter((part) => part !== undefined)
		.join(', ');
}

/**
 * An event about no single delivery has no channel and recipient to show. A person who is paged by it needs the
 * message, the recipients and the source.
 */
export function overallText(event: FeedEvent): string {
	if (isAboutMessage(event)) return '';
	const { subject, message, source } = event;
	const text = [subject, message].filter((part) => part !== undefined).join(': ');
	return [
		text === '' ? '' : `"${text}"`,
		'deliveries' in event
			? `to ${event.deliveries.map(({ channel, connection, recipient, error }) => `${channel}:${connection} ${recipient} (${error.code} ${error.message})`).join(', ')}`
			: '',
		'in_reply_to' in event
			? `in reply to ${event.in_reply_to}, loop_limit ${event.loop_limit}`
			: '',
		'incident_id' in event ? `incident ${event.incident_id}` : '',
		'by' in event ? `by ${event.by}` : '',
		source === undefined ? '' : `from ${sourceText(source)}`,
	]
		.filter((part) => part !== '')
		.join(' ');
}
