import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { camelCased, notificationSchema } from '../runner/runner-answers.ts';
import type { RunnerApi } from '../runner/runner-api.ts';
import type { ItemResult } from './item-result.ts';
import { oneByOne } from './process-items.ts';
import { path } from './runner-notification.ts';

/** Milliseconds between two polls: short at first, as most notifications end within a second. */
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 2_000;

const ENDED: ReadonlySet<string> = new Set(['delivered', 'failed', 'cancelled']);

/**
 * Polls the sent notifications until they have ended, for the items that wait for it. The send itself has worked: where
 * the outcome cannot be read, the item has the known state and the reason.
 * @param waitMsOf the longest wait of the item at a position, in milliseconds; 0 for not at all
 */
export async function untilEnded(
	context: IExecuteFunctions,
	runner: RunnerApi,
	sent: readonly ItemResult[],
	waitMsOf: (position: number) => number,
): Promise<readonly ItemResult[]> {
	const start = Date.now();
	const sleep = cancellableSleep(context);

	const poll = async (position: number): Promise<ItemResult> => {
		const result = sent[position];
		if (!result?.ok) return result ?? { ok: true, json: {} };
		const until = start + waitMsOf(position);
		let { json } = result;
		for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 2, LONGEST_POLL_MS)) {
			const reply = await runner.request('GET', path(String(json.notificationId)));
			if (!('failure' in reply) && reply.status === 403) {
				const warning = 'The outcome cannot be seen: the API key needs the scope "read"';
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
	const polled = await oneByOne(context, waiting, poll);
	const ended = new Map(waiting.map((position, at) => [position, polled[at]]));
	return sent.map((result, position) => ended.get(position) ?? result);
}

/** As the operation Get shows it, without the events. */
function outcome(found: Parameters<typeof camelCased>[0]): IDataObject {
	const { events: _events, ...json } = camelCased(found);
	return json;
}
