import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import type { Explanation } from '../http/explanation.ts';

/** The result of a poll. Its state is stored together with its events or not at all. */
export type Polled =
	| {
			readonly ok: true;
			/** Oldest first. */
			readonly events: readonly ReceivedEvent[];
			/** Where the next poll continues; plain JSON. */
			readonly state: IDataObject;
	  }
	| { readonly ok: false; readonly explanation: Explanation };

/** A system that can be polled for delivery events. */
export interface Source {
	/** Identifies the account or server, such as by its base URL. A state is not used for another one. */
	origin(context: IPollFunctions): Promise<string>;
	/** The events since the last poll's state; without one, from where this source starts. */
	since(context: IPollFunctions, state: IDataObject | undefined, now: number): Promise<Polled>;
	/** A few of the newest events, for a manual test in the editor. Changes nothing. */
	latest(context: IPollFunctions, now: number): Promise<Polled>;
}

/** The number of events that `latest` gives. */
export const A_FEW = 10;

/** Longest time for the calls of one poll, in milliseconds. n8n itself ends a poll after minutes. */
export const POLL_BUDGET_MS = 20_000;

/** IDs in a list from an expression, or separated by commas, spaces or line ends. */
export function listedIds(value: unknown): string[] {
	const all = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	return [...new Set(all.map((id) => id.trim()).filter((id) => id !== ''))];
}
