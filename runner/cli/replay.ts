import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { replaySchema } from '../http/response-schemas.ts';
import { show } from './output.ts';
import { startProgress } from './progress.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';
import { toTime } from './time.ts';

type Replay = z.infer<typeof replaySchema>;

interface ReplayOptions extends RemoteOptions {
	readonly since?: string;
	readonly cursor?: string;
	readonly until?: string;
	readonly types?: string;
	readonly onlyFailed?: boolean;
}

const POLL_MS = 250;

/** `sureping replay` and `replays …`: sends past events to an endpoint again, watched to the end or stopped. */
export function addReplay(program: Command): void {
	withRemote(
		program
			.command('replay')
			.description('send past events to an endpoint again')
			.argument('<endpoint>', 'its id')
			.option(
				'--since <time>',
				'ISO 8601, or 90s, 15m, 2h, 7d ago (default: the oldest event that is kept)',
				toTime,
			)
			.option('--cursor <cursor>', 'a cursor of the feed, instead of --since')
			.option('--until <time>', 'ISO 8601, or 90s, 15m, 2h, 7d ago (default: now)', toTime)
			.option('--types <types>', 'only these event types, separated by commas')
			.option('--only-failed', 'only events whose webhook was given up'),
	).action(async (endpoint: string, options: ReplayOptions) => {
		const path = `/endpoints/${encodeURIComponent(endpoint)}/replay`;
		const replay = await call<Replay>(options, 'POST', path, {
			since: options.since,
			cursor: options.cursor,
			until: options.until,
			types: options.types?.split(','),
			only_failed: options.onlyFailed ?? false,
		});
		await watch(replay, options);
	});

	const replays = program.command('replays').description('watch or cancel replays');
	withRemote(
		replays
			.command('watch')
			.description('show the progress of a replay until it ends')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		await watch(await call<Replay>(options, 'GET', pathOf(id)), options);
	});
	withRemote(
		replays
			.command('cancel')
			.description('stop a replay; webhooks that are already due are still sent')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const replay = await call<Replay>(options, 'POST', `${pathOf(id)}/cancel`, {});
		show(options.json, replay, `${id} is stopped after ${replay.replayed} of ${replay.total}`);
	});
}

/** Shows progress until the replay has ended, and then its result. */
async function watch(started: Replay, options: RemoteOptions): Promise<void> {
	let replay = started;
	const progress = startProgress(`Replaying (${replay.replay_id})`, replay.total);
	while (replay.status === 'running') {
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		replay = await call<Replay>(options, 'GET', pathOf(replay.replay_id));
		progress.to(replay.replayed);
	}
	progress.end();
	const stopped = replay.status === 'cancelled' ? '; the replay was stopped' : '';
	show(options.json, replay, `${replay.replayed} webhooks are on their way${stopped}`);
}

const pathOf = (id: string): string => `/replays/${encodeURIComponent(id)}`;
