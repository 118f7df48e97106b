import type { Clock, HttpClient } from '../ports.ts';
import type { HttpExchange } from './channel.ts';

/** Makes the request, and the one that its answer points to, if any, in what is left of the time. */
export async function exchange<Result>(
	first: HttpExchange<Result>,
	http: HttpClient,
	clock: Pick<Clock, 'now'>,
): Promise<Result> {
	const deadline = clock.now() + first.request.timeoutMs;
	const reply = await http(first.request);
	const next = 'failure' in reply ? undefined : first.followUp?.(reply);
	const left = deadline - clock.now();
	if (!next || left <= 0) return first.classify(reply, clock.now());
	return next.classify(await http({ ...next.request, timeoutMs: left }), clock.now());
}
