import type { Clock, Transports } from '../ports.ts';
import type { OpenConnection, Outcome, OutgoingMessage } from './channel.ts';
import { exchange } from './exchange.ts';
import { deliveredByService, permanentFailure } from './http-outcome.ts';

export interface AttemptResult {
	/** Its number, from 1: an outcome that arrives a second time is recognised by it. */
	readonly attempt?: number;
	/** Start of the attempt; milliseconds since 1970. */
	readonly at: number;
	readonly latencyMs: number;
	readonly outcome: Outcome;
}

/** Carries out one attempt through the host's transports. Rejects only when a transport breaks its contract. */
export async function attempt(
	connection: OpenConnection,
	message: OutgoingMessage,
	transports: Transports,
	clock: Pick<Clock, 'now'>,
): Promise<AttemptResult> {
	const at = clock.now();
	const outcome = await carry(connection, message, transports, clock);
	const latencyMs = Math.max(0, clock.now() - at);
	return { attempt: message.attempt, at, latencyMs, outcome };
}

async function carry(
	connection: OpenConnection,
	message: OutgoingMessage,
	{ http, smtp, console }: Transports,
	clock: Pick<Clock, 'now'>,
): Promise<Outcome> {
	const call = connection.prepare(message);
	if (call.via === 'http' && http) return await exchange(call, http, clock);
	if (call.via === 'smtp' && smtp) {
		const reply = await smtp.send(call.mail, call.server, message.timeoutMs);
		return call.classify(reply, clock.now());
	}
	if (call.via === 'console' && console) {
		console(call.line);
		return deliveredByService;
	}
	return permanentFailure('NOT_CONFIGURED', `This host cannot send over ${call.via}`);
}
