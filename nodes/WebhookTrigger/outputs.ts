import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { type EventOutcome, isReceivedType, MEANINGS, OUTCOMES } from '../../engine/vocabulary.ts';
import { UNDELIVERED } from '../events/event-options.ts';

/** The option's value for an output per outcome. */
export const PER_OUTCOME = 'perOutcome';

/** `delivered` is shown as "Delivered". */
const named = OUTCOMES.map((outcome) => ({
	type: 'main',
	displayName: outcome.charAt(0).toUpperCase() + outcome.slice(1),
}));

/** n8n's canvas evaluates it whenever a parameter changes. */
export const OUTPUTS_EXPRESSION =
	`={{ (($parameter["options"] || {})["outputs"] === "${PER_OUTCOME}") ? ${JSON.stringify(named)} : ["main"] }}` as const;

/** From a runner, a single channel's failure is no outcome: a fallback may still deliver. Another event says when none did. */
const OF_ONE_CHANNEL: ReadonlySet<string> = new Set([
	'notification.failed',
	'notification.bounced',
	'notification.suppressed',
]);

/**
 * The items by outcome, in the order of the outputs.
 * @param version of the node; before 3, each failed channel was an outcome
 */
export function byOutcome(items: INodeExecutionData[], version: number): INodeExecutionData[][] {
	return OUTCOMES.map((outcome) =>
		items.filter(({ json }) => outcomeOf(json, version) === outcome),
	);
}

function outcomeOf({ type, provider }: IDataObject, version: number): EventOutcome {
	const known = String(type);
	if (version < 3 && known === UNDELIVERED) return 'other';
	if (version >= 3 && provider === 'sureping' && OF_ONE_CHANNEL.has(known)) return 'other';
	return MEANINGS[isReceivedType(known) ? known : 'unknown'].outcome;
}
