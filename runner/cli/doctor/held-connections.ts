import { RemoteError } from '../remote.ts';
import { runningConnections } from '../running-connections.ts';
import type { Finding } from './finding.ts';

/**
 * Reports paused connections and open breakers of the running runner. The doctor's own test of such a connection, which
 * does not go through the runner, may succeed all the same.
 */
export async function examineHeld(url: string): Promise<Finding[]> {
	const what = 'runner';
	try {
		const held = (await runningConnections(url)).filter(({ status }) => status !== 'ok');
		if (held.length === 0)
			return [{ what: 'channels', ok: true, found: 'the runner lets everything through' }];
		return held.map(({ lane, status }) => ({
			what: `${what} ${lane}`,
			ok: status !== 'down',
			found:
				status === 'down' ? 'is down: only probes go through' : 'is paused, as its service asked',
		}));
	} catch (error) {
		if (!(error instanceof RemoteError)) throw error;
		return [{ what, ok: false, found: error.message }];
	}
}
