import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { camelCased, notificationSchema } from '../runner/runner-answers.ts';
import type { RunnerApi } from '../runner/runner-api.ts';
import type { ItemResult } from './item-result.ts';
import { oneByOne } from './process-items.ts';
import { path } from './runner-notification.ts';

/** Time between two checks. Short at first, as most notifications end within a second. */
const FIRST_CHECK_MS = 250;
const LONGEST_CHECK_MS = 2_000;

const ENDED: ReadonlySet<string> = new Set(['delivered', 'failed', 'cancelled']);

/**
 * Waits until the notifications have ended, for the items that ask for it. The send itself has succeeded, so nothing here
 * fails an item: if the outcome cannot be read, the item has the known facts and a warning.
 * @param waitMsOf how long the item at a position waits, in milliseconds; 0 for not at all
 */
export async function waitForOutcomes(
	context: IExecuteFunctions,
	runner: RunnerApi,
	sent: readonly ItemResult[],
	waitMsOf: (position: number) => number,
): Promise<readonly ItemResult[]> {
	const start = Date.now();
	const sleep = cancellableSleep(context);

	const check = async (position: number): Promise<ItemResult> => {
		const result = sent[position];
		if (!result?.ok) return result ?? { ok: true, json: {} };
		const until = start + waitMsOf(position);
		let { json } = result;
		for (let wait = FIRST_CHECK_MS; ; wait = Math.min(wait * 2, LONGEST_CHECK_MS)) {
			const reply = await runner.request('GET', path(String(json.notificationId)));
			if (!('failure' in reply) && reply.status === 403) {
				const warning = 'The outcome is unknown: the API key needs the scope "read"';
				return { ok: true, json: { ...json, warning } };
			}
			const isFound = !('failure' in reply) && reply.status === 200;
			const found = isFound ? notificationSchema.safeParse(reply.body).data : undefined;
			if (found) json = outcome(found);
			const left = until - Date.now();
			if ((found && ENDED.has(found.status)) || left <= 0) return { ok: true, json };
			await sleep(Math.min(wait, left));
		}
	};

	const waiting = [...sent.keys()].filter((at) => sent[at]?.ok && waitMsOf(at) > 0);
	if (waiting.length === 0) return sent;
	const checked = await oneByOne(context, waiting, check);
	const ended = new Map(waiting.map((position, at) => [position, checked[at]]));
	return sent.map((result, position) => ended.get(position) ?? result);
}

/** The same as the operation Get shows, without the events. */
function outcome(found: Parameters<typeof camelCased>[0]): IDataObject {
	const { events: _events, ...json } = camelCased(found);
	return json;
}
