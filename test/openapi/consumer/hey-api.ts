import { client } from './generated/hey-api/client.gen.ts';
import { getNotification, listEvents, send } from './generated/hey-api/index.ts';
import { NotAsDescribed, print } from './seen.ts';

client.setConfig({
	baseUrl: process.env.SUREPING_URL ?? '',
	auth: () => process.env.SUREPING_API_KEY,
});

const sendOnce = async () => {
	const { data, error } = await send({
		body: { message: 'Order 1042 was paid.', channels: ['console'] },
		headers: { 'Idempotency-Key': 'hey-api' },
	});
	if (!data) throw new NotAsDescribed(error);
	return data;
};
const sent = await sendOnce();
const again = await sendOnce();

const { data: found, error: notFound } = await getNotification({
	path: { id: sent.notification_id },
});
if (!found) throw new NotAsDescribed(notFound);

const { data: page, error: noPage } = await listEvents({ query: { limit: 1 } });
if (!page) throw new NotAsDescribed(noPage);

const { data: refused, error: problem } = await send({
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
	() => listEvents({ query: { limit: '1' } }),
	// @ts-expect-error A send has a message.
	() => send({ body: { channels: ['console'] } }),
	// @ts-expect-error A problem has no such member.
	() => problem.reason,
];
