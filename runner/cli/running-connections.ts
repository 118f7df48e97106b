import { CONNECTION_STATES } from '../metrics/connection-states.ts';
import type { ConnectionStatus } from '../workers/connection-gates.ts';
import { reach, RemoteError, SHORT_ANSWER } from './remote.ts';

export interface RunningConnection {
	/** `slack:ops`. */
	readonly lane: string;
	readonly status: ConnectionStatus['status'];
}

const STATE = /^sureping_connection_state\{connection="([^"]*)"\} (\d)$/;

/** The state of a runner's connections, from its metrics, which need no key. Rejects with a `RemoteError` when it does not answer. */
export async function runningConnections(url: string): Promise<readonly RunningConnection[]> {
	const { ok, status: answered, text } = await reach(url, '/metrics', {}, SHORT_ANSWER);
	if (!ok) throw new RemoteError(`The runner answered ${answered} to /metrics`);
	return text.split('\n').flatMap((line) => {
		const [, lane = '', state] = STATE.exec(line) ?? [];
		const status = CONNECTION_STATES[Number(state)];
		return status === undefined ? [] : [{ lane, status }];
	});
}
