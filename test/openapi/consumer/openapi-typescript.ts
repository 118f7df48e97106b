import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi-typescript.ts';
import { NotAsDescribed, print } from './seen.ts';

const client = createClient<paths>({
	baseUrl: process.env.SUREPING_URL ?? '',
	headers: { authorization: `Bearer ${process.env.SUREPING_API_KEY}` },
});

const send = async () => {
	const { data, error } = await client.POST('/send', {
		body: { message: 'Order 1042 was paid.', channels: ['console'] },
		params: { header: { 'Idempotency-Key': 'openapi-typescript' } },
	});
	if (!data) throw new NotAsDescribed(error);
	return data;
};
const sent = await send();
const again = await send();

const { data: found, error: notFound } = await client.GET('/notifications/{id}', {
	params: { path: { id: sent.notification_id } },
});
if (!found) throw new NotAsDescribed(notFound);

const { data: page, error: noPage } = await client.GET('/events', {
	params: { query: { limit: 1 } },
});
if (!page) throw new NotAsDescribed(noPage);

const { data: refused, error: problem } = await client.POST('/send', {
	body: { message: 'Order 1042 was paid.', channels: ['pigeon'] },
});
if (!problem) throw new NotAsDescribed(refused);

print({
	queued: sent.status,
	isSentOnce: again.notification_id === sent.notification_id,
	found: found.message,
	channels: found.deliveries.map(({ channel }) => channel),
	eventTypes: page.events.map(({ event }) => event),
	problem: {
		status: problem.status,
		title: problem.title,
		paths: problem.errors?.map(({ path }) => path) ?? [],
	},
});

// The description is what the compiler holds a caller to.
export const mistakes = [
	// @ts-expect-error A limit is a number.
	() => client.GET('/events', { params: { query: { limit: '1' } } }),
	// @ts-expect-error A send has a message.
	() => client.POST('/send', { body: { channels: ['console'] } }),
	// @ts-expect-error A problem has no such member.
	() => problem.reason,
];
