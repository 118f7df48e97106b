import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { PROVIDERS } from '../../engine/receive/providers/index.ts';
import { type EventOutcome, isReceivedType, MEANINGS, OUTCOMES } from '../../engine/vocabulary.ts';
import { UNDELIVERED } from '../events/event-options.ts';

/** The option's value for an output per outcome. */
export const PER_OUTCOME = 'perOutcome';

/** The outputs of providers that have no incidents. */
const WITHOUT_INCIDENTS = OUTCOMES.filter((outcome) => outcome !== 'escalation');

/** Parameters of the providers whose webhooks can be a runner's own events. */
const RUNNERS_OWN: readonly string[] = (['sureping', 'standard-webhooks', 'svix'] as const).map(
	(id) => PROVIDERS[id].parameter,
);

/** `delivered` is shown as "Delivered". */
const named = (outcomes: readonly EventOutcome[]): string =>
	JSON.stringify(
		outcomes.map((outcome) => ({
			type: 'main',
			displayName: outcome.charAt(0).toUpperCase() + outcome.slice(1),
		})),
	);

/** n8n's canvas evaluates it whenever a parameter changes. */
export const OUTPUTS_EXPRESSION =
	`={{ (($parameter["options"] || {})["outputs"] !== "${PER_OUTCOME}") ? ["main"] : ${JSON.stringify(RUNNERS_OWN)}.includes($parameter["provider"]) ? ${named(OUTCOMES)} : ${named(WITHOUT_INCIDENTS)} }}` as const;

/** From a runner, a single channel's failure is no outcome: a fallback may still deliver. Another event says when none did. */
const OF_ONE_CHANNEL: ReadonlySet<string> = new Set([
	'notification.failed',
	'notification.bounced',
	'notification.suppressed',
]);

/**
 * The items by outcome, in the order of the outputs.
 * @param provider of the trigger, as its parameter has it
 * @param version of the node; before 3, each failed channel was an outcome
 */
export function byOutcome(
	items: INodeExecutionData[],
	provider: string,
	version: number,
): INodeExecutionData[][] {
	const outcomes = RUNNERS_OWN.includes(provider) ? OUTCOMES : WITHOUT_INCIDENTS;
	return outcomes.map((outcome) =>
		items.filter(({ json }) => outcomeOf(json, version) === outcome),
	);
}

function outcomeOf({ type, provider }: IDataObject, version: number): EventOutcome {
	const known = String(type);
	if (version < 3 && known === UNDELIVERED) return 'other';
	if (version >= 3 && provider === 'sureping' && OF_ONE_CHANNEL.has(known)) return 'other';
	return MEANINGS[isReceivedType(known) ? known : 'unknown'].outcome;
}
