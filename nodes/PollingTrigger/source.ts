import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import type { Explanation } from '../http/explanation.ts';

/** The result of a poll. The state is kept only together with the events. */
export type Polled =
	| {
			readonly ok: true;
			/** Oldest first. */
			readonly events: readonly ReceivedEvent[];
			/** The state that the next poll starts from; plain JSON. */
			readonly state: IDataObject;
	  }
	| { readonly ok: false; readonly explanation: Explanation };

/** An API that can be asked for delivery events. */
export interface Source {
	/** The origin of the events, such as a base URL; the state of another origin is dropped. */
	origin(context: IPollFunctions): Promise<string>;
	/** The events since the state of the last poll; without a state, since the source's own start. */
	since(context: IPollFunctions, state: IDataObject | undefined, now: number): Promise<Polled>;
	/** A few of the newest events, for the editor. Changes nothing. */
	latest(context: IPollFunctions, now: number): Promise<Polled>;
}

/** Number of events that `latest` returns. */
export const A_FEW = 10;

/** Longest time that one poll may take, in milliseconds; n8n itself ends a poll after minutes. */
export const POLL_BUDGET_MS = 20_000;

/** IDs in a list from an expression, or separated by commas, spaces or line ends. */
export function listedIds(value: unknown): string[] {
	const all = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	return [...new Set(all.map((id) => id.trim()).filter((id) => id !== ''))];
}
