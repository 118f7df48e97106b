import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { acceptedSchema, notificationSchema } from '../http/response-schemas.ts';
import { show, table } from './output.ts';
import { call, RemoteError, type RemoteOptions, withRemote } from './remote.ts';

interface SendOptions extends RemoteOptions {
	readonly channel: string[];
	readonly fallback?: string[];
	readonly recipient?: string;
	readonly subject?: string;
	readonly metadata?: unknown;
	readonly idempotencyKey?: string;
	readonly wait?: boolean;
}

const ENDED: ReadonlySet<string> = new Set(['delivered', 'failed', 'cancelled']);
const POLL_MS = 250;

/** `sureping send`: exits with 0 when the notification was accepted, or with `--wait` when it was delivered. */
export function addSend(program: Command): void {
	const list = (value: string, earlier: string[] = []): string[] => [...earlier, value];
	withRemote(
		program
			.command('send')
			.description('send a notification')
			.argument('<message>', 'the text')
			.requiredOption(
				'--channel <channel>',
				'channel, such as slack or slack:ops; may be repeated',
				list,
			)
			.option(
				'--fallback <channel>',
				'channel to use when all others failed; may be repeated',
				list,
			)
			.option('--recipient <address>', 'address for all channels')
			.option('--subject <text>', 'subject of mails; chats show it above the text')
			.option('--metadata <json>', 'object that every event repeats', readJson)
			.option('--idempotency-key <key>', 'the same key again sends nothing')
			.option('--wait', 'wait for the outcome and show it'),
	).action(async (message: string, options: SendOptions) => {
		const accepted = await call<z.infer<typeof acceptedSchema>>(options, 'POST', '/send', {
			message,
			channels: options.channel,
			fallback_channels: options.fallback,
			recipient: options.recipient,
			subject: options.subject,
			metadata: options.metadata,
			idempotency_key: options.idempotencyKey,
		});
		if (!options.wait) {
			show(options.json, accepted, `${accepted.notification_id} is accepted`);
			return;
		}
		const notification = await waitFor(accepted.notification_id, options);
		const rows = notification.deliveries.map(({ channel, connection, status, attempts }) => [
			`${channel}:${connection}`,
			status,
			attempts.at(-1)?.error?.message ?? '',
		]);
		show(options.json, notification, notification.status, ...table(rows));
		process.exitCode = notification.status === 'delivered' ? 0 : 1;
	});
}

async function waitFor(
	id: string,
	options: RemoteOptions,
): Promise<z.infer<typeof notificationSchema>> {
	for (;;) {
		const path = `/notifications/${encodeURIComponent(id)}`;
		const found = await call<z.infer<typeof notificationSchema>>(options, 'GET', path).catch(
			(error: unknown) => {
				// It is busy; the notification was accepted all the same.
				if (error instanceof RemoteError && error.status === 503) return undefined;
				throw error;
			},
		);
		if (found !== undefined && ENDED.has(found.status)) return found;
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

/** JSON where it is JSON; anything else goes unchanged to the runner, which reports the mistake. */
function readJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
