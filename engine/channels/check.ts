import type { Clock, Transports } from '../ports.ts';
import type { CheckResult, OpenConnection } from './channel.ts';
import { exchange } from './exchange.ts';

const CHECK_TIMEOUT_MS = 10_000;

/** Tests a connection's credentials through the host's transports. Sends no message. */
export async function checkConnection(
	connection: OpenConnection,
	{ http, smtp }: Transports,
	clock: Pick<Clock, 'now'>,
	timeoutMs = CHECK_TIMEOUT_MS,
): Promise<CheckResult> {
	const check = connection.check(timeoutMs);
	if (check.via === 'none') return check.found;
	if (check.via === 'http' && http) return await exchange(check, http, clock);
	if (check.via === 'smtp' && smtp) {
		return check.classify(await smtp.verify(check.server, timeoutMs), clock.now());
	}
	return { result: 'unknown', reason: `this host cannot reach it over ${check.via}` };
}
