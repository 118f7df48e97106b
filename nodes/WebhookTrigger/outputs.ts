import type { INodeExecutionData } from 'n8n-workflow';
import { isReceivedType, MEANINGS, OUTCOMES } from '../../engine/receive/vocabulary.ts';

/** The value of the option that gives each outcome an output of its own. */
export const PER_OUTCOME = 'perOutcome';

/** `delivered` is shown as "Delivered". */
const named = OUTCOMES.map((outcome) => ({
	type: 'main',
	displayName: outcome.charAt(0).toUpperCase() + outcome.slice(1),
}));

/** For n8n's canvas, which evaluates it whenever a parameter changes. */
export const OUTPUTS_EXPRESSION =
	`={{ (($parameter["options"] || {})["outputs"] === "${PER_OUTCOME}") ? ${JSON.stringify(named)} : ["main"] }}` as const;

/** The items by outcome, in the order of the outputs. */
export function byOutcome(items: INodeExecutionData[]): INodeExecutionData[][] {
	return OUTCOMES.map((outcome) =>
		items.filter(({ json }) => {
			const type = String(json.type);
			return MEANINGS[isReceivedType(type) ? type : 'unknown'].outcome === outcome;
		}),
	);
}
