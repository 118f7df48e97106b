import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { connectionListSchema } from '../http/response-schemas.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

/** `sureping connections`: the runner's channels and connections. */
export function addConnections(program: Command): void {
	withRemote(
		program.command('connections').description('list connections and their status'),
	).action(async (options: RemoteOptions) => {
		const path = '/connections';
		const found = await call<z.infer<typeof connectionListSchema>>(options, 'GET', path);
		const rows = found.connections.map(({ name, channel, recipient_required, status, until }) => [
			`${channel}:${name}`,
			until === undefined ? status : `${status} until ${until}`,
			recipient_required ? 'needed' : 'has its own',
		]);
		show(options.json, found, ...table([['CONNECTION', 'STATUS', 'RECIPIENT'], ...rows]));
	});
}
