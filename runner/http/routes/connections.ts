import { CHANNELS, isoTime } from '@sureping/engine';
import type { Api } from '../api.ts';
import type { App } from '../app.ts';
import { channelListSchema, connectionListSchema } from '../response-schemas.ts';

/** Connections and channels, for drop-downs. The first connection of a channel is its default. */
export function connectionRoutes(app: App, api: Api): void {
	app.get(
		'/connections',
		{
			config: { scopes: ['send', 'read'] },
			schema: {
				summary: 'List connections',
				tags: ['Channels'],
				response: { 200: connectionListSchema },
			},
		},
		async () => ({
			connections: api.catalog.map(({ name, channel, connection }) => {
				const { status, until } = api.gates.status(`${channel}:${name}`, api.clock.now());
				return {
					name,
					channel,
					recipient_required: connection.defaultRecipient === undefined,
					status,
					...(until === undefined ? {} : { until: isoTime(until) }),
				};
			}),
		}),
	);

	app.get(
		'/channels',
		{
			config: { scopes: ['send', 'read'] },
			schema: {
				summary: 'List channels',
				tags: ['Channels'],
				response: { 200: channelListSchema },
			},
		},
		async () => ({
			channels: CHANNELS.map(({ id, title }) => ({
				id,
				title,
				connections: api.catalog.filter(({ channel }) => channel === id).map(({ name }) => name),
			})),
		}),
	);
}
