import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import type { Explanation } from '../http/explanation.ts';

/** What a poll found. The state is kept only together with the events. */
export type Polled =
	| {
			readonly ok: true;
			/** Oldest first. */
			readonly events: readonly ReceivedEvent[];
			/** What the next poll starts from; plain JSON. */
			readonly state: IDataObject;
	  }
	| { readonly ok: false; readonly explanation: Explanation };

/** Someone who can be asked what became of notifications. */
export interface Source {
	/** Whose events they are, such as a base URL: what is known of another one's is of no use. */
	origin(context: IPollFunctions): Promise<string>;
	/** What is new since the state that the last poll left; without one, from where this source starts. */
	since(context: IPollFunctions, state: IDataObject | undefined, now: number): Promise<Polled>;
	/** A few of the newest, for somebody who builds a workflow. Changes nothing. */
	latest(context: IPollFunctions, now: number): Promise<Polled>;
}

/** How many events `latest` gives. */
export const A_FEW = 10;

/** How long one poll may go on asking, in milliseconds; n8n ends a poll itself after minutes. */
export const POLL_BUDGET_MS = 20_000;

/** IDs in a list from an expression, or separated by commas, spaces or line ends. */
export function listedIds(value: unknown): string[] {
	const all = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	return [...new Set(all.map((id) => id.trim()).filter((id) => id !== ''))];
}
