import { z } from 'zod/v4';
import { part, text } from './facts.ts';
import type { ReceivedEvent } from '../../received-event.ts';

/** The fields that describe a notification in a runner's events. Unreadable ones are left out. */
const aboutPayload = z.looseObject({
	subject: text,
	message: text,
	source: part({
		system: text,
		workflow_id: text,
		workflow_name: text,
		execution_id: text,
		url: text,
	}),
});

/** Reads the fields of a runner's event that describe its notification and its source. */
export function readAbout(raw: unknown): Pick<ReceivedEvent, 'subject' | 'message' | 'source'> {
	const { subject, message, source } = aboutPayload.safeParse(raw).data ?? {};
	return defined({
		subject,
		message,
		source:
			source &&
			defined({
				system: source.system,
				workflowId: source.workflow_id,
				workflowName: source.workflow_name,
				executionId: source.execution_id,
				url: source.url,
			}),
	});
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(facts: T): Defined<T> {
	// Undefined members were removed.
	return Object.fromEntries(
		Object.entries(facts).filter(([, value]) => value !== undefined),
	) as Defined<T>;
}
