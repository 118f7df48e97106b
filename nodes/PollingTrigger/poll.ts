import {
	type IDataObject,
	type INodeExecutionData,
	type IPollFunctions,
	NodeApiError,
} from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/receive/index.ts';
import { toItem } from '../events/event-item.ts';
import { LEAVES_OUT_OWN_SINCE, ownSendsFilter } from '../events/own-sends-filter.ts';
import { otpiqSource } from './otpiq-source.ts';
import { pingramSource } from './pingram-source.ts';
import { A_FEW, type Polled, type Source } from './source.ts';
import { surepingSource } from './sureping-source.ts';

const SOURCES = {
	sureping: surepingSource,
	otpiq: otpiqSource,
	pingram: pingramSource,
} as const satisfies Readonly<Record<string, Source>>;

/** Polls that are running in this process. n8n starts the next one even if the last has not returned. */
const underWay = new Set<string>();
/** The contexts that have polled: one per activation, or one per poll with n8n's durable scheduler. */
const started = new WeakSet<IPollFunctions>();

/** Makes one poll; null when nothing is new. */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const name = context.getNodeParameter('source') as keyof typeof SOURCES; // one of the node's own options
	const source = SOURCES[name];
	if (context.getMode() === 'manual') {
		const polled = await source.latest(context, Date.now());
		if (!polled.ok) throw refusal(context, polled);
		const items = wanted(context, polled).slice(-A_FEW);
		return items.length > 0 ? [items] : null;
	}
	const place = `${context.getWorkflow().id}:${context.getNode().id}`;
	if (underWay.has(place)) return null;
	underWay.add(place);
	try {
		return await pollOnce(context, source, name);
	} finally {
		underWay.delete(place);
	}
}

/**
 * n8n stores a poll's static data together with its items. It is changed only at the very end, so that a failed poll leaves
 * it as it was and the next poll finds the same events.
 */
async function pollOnce(
	context: IPollFunctions,
	source: Source,
	name: string,
): Promise<INodeExecutionData[][] | null> {
	const isFirst = !started.has(context);
	started.add(context);
	const origin = `${name} ${await source.origin(context)}`;
	const stored = context.getWorkflowStaticData('node');
	const state = stored.origin === origin ? (stored.state as IDataObject | undefined) : undefined; // written below
	const polled = await source.since(context, state, Date.now());
	if (!polled.ok) {
		const error = refusal(context, polled);
		if (!isFirst || !startsByItself(context)) throw error;
		context.logger.warn(`${context.getNode().name}: ${error.message}`);
		return null;
	}
	const items = wanted(context, polled);
	stored.origin = origin;
	stored.state = polled.state;
	return items.length > 0 ? [items] : null;
}

/**
 * True when n8n itself starts the workflow. n8n polls once during an activation, and an error then fails it. A user who
 * activates should see that; but when n8n starts, the workflow would stay off, and the next poll reports the error anyway.
 */
function startsByItself(context: IPollFunctions): boolean {
	const mode = context.getActivationMode();
	return mode === 'init' || mode === 'leadershipChange';
}

function wanted(
	context: IPollFunctions,
	{ events }: Extract<Polled, { ok: true }>,
): INodeExecutionData[] {
	const chosen = context.getNodeParameter('events', []);
	const types =
		Array.isArray(chosen) && chosen.length > 0 ? new Set(chosen.map(String)) : undefined;
	const takes = ownSendsFilter(context, LEAVES_OUT_OWN_SINCE.pollingTrigger);
	// An unreadable event may be of any type.
	const isChosen = ({ type, unreadable }: ReceivedEvent): boolean =>
		unreadable === true || (types?.has(type) ?? true);
	return events.filter((event) => isChosen(event) && takes(event)).map((event) => toItem(event));
}

function refusal(
	context: IPollFunctions,
	{ explanation: { message, description, httpCode } }: Extract<Polled, { ok: false }>,
): NodeApiError {
	return new NodeApiError(context.getNode(), httpCode === null ? {} : { httpCode }, {
		message,
		description,
	});
}
