import { z } from 'zod/v4';
import { part, text } from './facts.ts';
import type { ReceivedEvent } from '../../received-event.ts';

/** What a runner tells of a notification with each of its events. What cannot be read of it is left out. */
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

/** The facts of a runner's event that say what it is about and where that came from. */
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
	// What is left has no undefined member.
	return Object.fromEntries(
		Object.entries(facts).filter(([, value]) => value !== undefined),
	) as Defined<T>;
}
