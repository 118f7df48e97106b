import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { firstCharacters } from '../../engine/graphemes.ts';
import { trimEndMatching } from '../../engine/trim-matching.ts';

/** The runner's limit; n8n's names and ids may be longer. */
const LONGEST = 255;
const LONGEST_URL = 2048;

const OUR_TRIGGERS = /(^|\.)(webhookTrigger|pollingTrigger)$/;

/** The origin of a send. Its delivery events name it, and the runner uses it to stop endless chains of sends. */
export interface SendOrigin {
	/** The field `source` of a send. */
	readonly source: IDataObject;
	/** The field `in_reply_to`: the event that this item follows from, if one of our triggers started the workflow. */
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

/**
 * The URL of the execution in n8n's editor, or of its workflow if the execution is not saved. Without the user and the
 * password that n8n's own URL may have: every reader of the events sees it.
 */
function urlOf(base: string, workflow: string | undefined, execution: string): string | undefined {
	if (!URL.canParse(base) || workflow === undefined) return undefined;
	const path = `workflow/${encodeURIComponent(workflow)}`;
	const target = execution ? `${path}/executions/${encodeURIComponent(execution)}` : path;
	const { origin, pathname } = new URL(base);
	const url = `${origin}${trimEndMatching(pathname, /\//)}/${target}`;
	return url.length <= LONGEST_URL ? url : undefined;
}

/** The event id of the trigger's item that this item came from, or of its first item if n8n does not know which. */
function eventOf(
	context: IExecuteFunctions,
	trigger: string,
	itemIndex: number,
): string | undefined {
	const proxy = context.getWorkflowDataProxy(itemIndex);
	const paired = attempt(() => proxy.$(trigger).item as unknown);
	return eventId(paired) ?? eventId(attempt(() => proxy.$(trigger).first() as unknown));
}

/** n8n throws if a node did not run or an item has no source. */
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
