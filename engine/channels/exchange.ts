import type { Clock, HttpClient } from '../ports.ts';
import type { HttpExchange } from './channel.ts';

/** Makes the request, and then the one that its answer points to, if any, in the remaining time. */
export async function exchange<Result>(
	first: HttpExchange<Result>,
	http: HttpClient,
	clock: Pick<Clock, 'now'>,
): Promise<Result> {
	const { timeoutMs } = first.request;
	const deadline = clock.now() + timeoutMs;
	const reply = await http(first.request);
	const next = 'failure' in reply ? undefined : first.followUp?.(reply);
	if (!next) return first.classify(reply, clock.now());
	const left = deadline - clock.now();
	const answer =
		left > 0
			? await http({ ...next.request, timeoutMs: left })
			: ({ failure: 'timeout', detail: `${timeoutMs / 1000} seconds` } as const);
	return next.classify(answer, clock.now());
}
