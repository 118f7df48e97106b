import { CHANNELS } from '@sureping/engine';
import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.ts';

/** What can be sent through here, for drop-downs. A channel's first connection is its default. */
export function connectionRoutes(app: FastifyInstance, api: Api): void {
	app.get('/connections', async (request) => {
		api.authenticate(request, 'send', 'read');
		return {
			connections: api.catalog.map(({ name, channel, connection }) => ({
				name,
				channel,
				recipient_required: connection.defaultRecipient === undefined,
			})),
		};
	});

	app.get('/channels', async (request) => {
		api.authenticate(request, 'send', 'read');
		return {
			channels: CHANNELS.map(({ id, title }) => ({
				id,
				title,
				connections: api.catalog.filter(({ channel }) => channel === id).map(({ name }) => name),
			})),
		};
	});
}
