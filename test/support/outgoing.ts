import {
	attempt,
	type AttemptResult,
	type Call,
	type HttpClient,
	type HttpReply,
	type HttpRequest,
	openConnection,
	type OpenConnection,
	type OutgoingMessage,
	type Transports,
} from '@sureping/engine';
import { T0 } from './dispatch-scene.ts';

type Outcome = AttemptResult['outcome'];

export function open(channel: string, settings: Record<string, unknown>): OpenConnection {
	const opened = openConnection(channel, 'my-connection', settings);
	if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
	return opened.connection;
}

export function outgoing(more: Partial<OutgoingMessage> = {}): OutgoingMessage {
	return {
		notificationId: 'msg_1',
		deliveryId: 'dlv_1',
		recipient: 'ada@example.com',
		text: 'The pump stopped',
		metadata: { order_id: 'ORD-5678' },
		attempt: 1,
		now: T0,
		timeoutMs: 2_000,
		...more,
	};
}

/** The HTTP request that a connection makes of a message. */
export function requestOf(connection: OpenConnection, message = outgoing()): HttpRequest {
	return httpCall(connection, message).request;
}

/** A connection's reading of an answer. */
export function outcomeOf(connection: OpenConnection, reply: Partial<HttpReply>): Outcome {
	return httpCall(connection).classify({ status: 200, headers: {}, body: '', ...reply }, T0);
}

export function httpCall(
	connection: OpenConnection,
	message = outgoing(),
): Extract<Call, { via: 'http' }> {
	const call = connection.prepare(message);
	if (call.via !== 'http') throw new Error(`Expected HTTP, not ${call.via}`);
	return call;
}

/** One attempt over the host's transports and the real clock. */
export async function outcomeOver(
	transports: Transports,
	connection: OpenConnection,
	message = outgoing(),
): Promise<Outcome> {
	return (await attempt(connection, message, transports, Date)).outcome;
}

/** `CODE permanent`, `CODE for now` or `delivered`, with what the service asked to wait. */
export function verdict(outcome: Outcome): string {
	if (outcome.result === 'delivered') return 'delivered';
	const { error, permanent, retryAfterMs } = outcome;
	const wait = retryAfterMs === undefined ? '' : ` after ${retryAfterMs}`;
	return `${error.code} ${permanent ? 'permanent' : 'for now'}${wait}`;
}

/** An `HttpClient` over real sockets, with Node's own fetch. */
export const fetchClient: HttpClient = async ({ method, url, headers, body, timeoutMs }) => {
	const signal = AbortSignal.timeout(timeoutMs);
	try {
		const response = await fetch(url, {
			method,
			headers,
			redirect: 'manual',
			signal,
			...(body === undefined ? {} : { body }),
		});
		return {
			status: response.status,
			headers: Object.fromEntries(response.headers),
			body: await response.text(),
		};
	} catch {
		return signal.aborted
			? { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` }
			: { failure: 'connection', detail: 'connection lost' };
	}
};
