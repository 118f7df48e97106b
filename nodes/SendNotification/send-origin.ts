import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { firstCharacters } from '../../engine/graphemes.ts';
import { trimEndMatching } from '../../engine/trim-matching.ts';

/** Cut to the runner's limits, since n8n's names and ids may be longer. */
const LONGEST = 255;
const LONGEST_URL = 2048;

const OUR_TRIGGERS = /(^|\.)(webhookTrigger|pollingTrigger)$/;

/** The origin of a send: shown with its events, and used to stop endless chains of sends. */
export interface SendOrigin {
	/** `source` of a send. */
	readonly source: IDataObject;
	/** `in_reply_to`: the event that this item follows from, where one of our triggers started the workflow. */
	inReplyTo(itemIndex: number): string | undefined;
}

export function sendOrigin(context: IExecuteFunctions): SendOrigin {
	const { id, name } = context.getWorkflow();
	const executionId = context.getExecutionId();
	const triggers = context
		.getParentNodes(context.getNode().name)
		.filter(({ type, disabled }) => OUR_TRIGGERS.test(type) && !disabled)
		.map((trigger) => trigger.name);
	return {
		source: present({
			system: 'n8n',
			workflow_id: id,
			workflow_name: name,
			execution_id: executionId,
			url: urlOf(context.getInstanceBaseUrl(), id, executionId),
		}),
		inReplyTo: (itemIndex) => {
			for (const trigger of triggers) {
				const found = eventOf(context, trigger, itemIndex);
				if (found !== undefined) return found;
			}
			return undefined;
		},
	};
}

/** The execution in n8n's editor; of one that is not saved, its workflow. */
function urlOf(base: string, workflow: string | undefined, execution: string): string | undefined {
	if (!URL.canParse(base) || workflow === undefined) return undefined;
	const path = `workflow/${encodeURIComponent(workflow)}`;
	const target = execution ? `${path}/executions/${encodeURIComponent(execution)}` : path;
	const url = `${trimEndMatching(base, /\//)}/${target}`;
	return url.length <= LONGEST_URL ? url : undefined;
}

/** The event of the trigger's item that this item came from; where n8n cannot tell that, of the trigger's first item. */
function eventOf(
	context: IExecuteFunctions,
	trigger: string,
	itemIndex: number,
): string | undefined {
	const proxy = context.getWorkflowDataProxy(itemIndex);
	const paired = attempt(() => proxy.$(trigger).item as unknown);
	return eventId(paired) ?? eventId(attempt(() => proxy.$(trigger).first() as unknown));
}

/** n8n throws where a node did not run, or an item came from nowhere. */
function attempt<T>(look: () => T): T | undefined {
	try {
		return look();
	} catch {
		return undefined;
	}
}

function eventId(item: unknown): string | undefined {
	const json: unknown = member(item, 'json');
	const id = member(json, 'eventId');
	return typeof id === 'string' && id !== '' && id.length <= LONGEST ? id : undefined;
}

function member(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function present(values: Readonly<Record<string, string | undefined>>): IDataObject {
	return Object.fromEntries(
		Object.entries(values).flatMap(([name, value]) => {
			if (value === undefined || value === '') return [];
			return [[name, name === 'url' ? value : firstCharacters(value, LONGEST)]];
		}),
	);
}
