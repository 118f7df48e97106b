import { type FeedEvent, isAboutMessage, type Source } from '@sureping/engine';

/** The origin of a send on one line: system, workflow, execution and URL. */
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
 * The text of an event about a whole notification, which has no channel and recipient of its own: what was not delivered,
 * to whom, and where it came from.
 */
export function overallText(event: FeedEvent): string {
	if (isAboutMessage(event)) return '';
	const { subject, message, source } = event;
	const text = [subject, message].filter((part) => part !== undefined).join(': ');
	return [
		text === '' ? '' : `"${text}"`,
		'deliveries' in event
			? `to ${event.deliveries.map(({ channel, connection, recipient, error }) => `${channel}:${connection} ${recipient} (${error.code} ${error.message})`).join(', ')}`
			: `in reply to ${event.in_reply_to}, loop_limit ${event.loop_limit}`,
		source === undefined ? '' : `from ${sourceText(source)}`,
	]
		.filter((part) => part !== '')
		.join(' ');
}
