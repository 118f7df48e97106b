import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { deadLetterListSchema } from '../http/response-schemas.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

/** `sureping dead-letters …`: lists rows that a fault of the runner keeps from being processed, and requeues them. */
export function addDeadLetters(program: Command): void {
	const letters = program
		.command('dead-letters')
		.description('list or retry what a fault of the runner left undone');

	withRemote(letters.command('list').description('list dead letters, newest first')).action(
		async (options: RemoteOptions) => {
			const path = '/dead-letters?limit=1000';
			const found = await call<z.infer<typeof deadLetterListSchema>>(options, 'GET', path);
			const rows = found.dead_letters.map(({ id, kind, of, created_at, reason }) => [
				id,
				kind,
				of,
				created_at,
				reason,
			]);
			show(options.json, found, ...table([['ID', 'KIND', 'OF', 'SINCE', 'REASON'], ...rows]));
		},
	);

	withRemote(letters.command('retry').description('retry a dead letter').argument('<id>')).action(
		async (id: string, options: RemoteOptions) => {
			const path = `/dead-letters/${encodeURIComponent(id)}/retry`;
			const retried = await call(options, 'POST', path, {});
			show(options.json, retried, `${id} is queued again`);
		},
	);
}
