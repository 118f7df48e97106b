import { CONNECTION_STATES } from '../metrics/connection-states.ts';
import type { ConnectionStatus } from '../workers/connection-gates.ts';
import { reach, RemoteError } from './remote.ts';

export interface RunningConnection {
	/** `slack:ops`. */
	readonly lane: string;
	readonly status: ConnectionStatus['status'];
}

const STATE = /^sureping_connection_state\{connection="([^"]*)"\} (\d)$/;

/** The state of a runner's connections, from its metrics, which need no key. Rejects with a `RemoteError` when it does not answer. */
export async function runningConnections(url: string): Promise<readonly RunningConnection[]> {
	const response = await reach(url, '/metrics', {});
	if (!response.ok) throw new RemoteError(`${url}/metrics answered ${response.status}`);
	return (await response.text()).split('\n').flatMap((line) => {
		const [, lane = '', state] = STATE.exec(line) ?? [];
		const status = CONNECTION_STATES[Number(state)];
		return status === undefined ? [] : [{ lane, status }];
	});
}
