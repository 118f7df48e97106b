import { getNotification, listEvents, send } from './generated/orval.ts';
import { NotAsDescribed, print } from './seen.ts';

const options = { headers: { authorization: `Bearer ${process.env.SUREPING_API_KEY}` } };

const sendOnce = async () => {
	const answer = await send(
		{ message: 'Order 1042 was paid.', channels: ['console'] },
		{ 'Idempotency-Key': 'orval' },
		options,
	);
	if (answer.status !== 202) throw new NotAsDescribed(answer);
	return answer.data;
};
const sent = await sendOnce();
const again = await sendOnce();

const found = await getNotification(sent.notification_id, options);
if (found.status !== 200) throw new NotAsDescribed(found);

const page = await listEvents({ limit: 1 }, options);
if (page.status !== 200) throw new NotAsDescribed(page);

const refused = await send(
	{ message: 'Order 1042 was paid.', channels: ['pigeon'] },
	undefined,
	options,
);
if (refused.status !== 422) throw new NotAsDescribed(refused);
const problem = refused.data;

print({
	queued: sent.status,
	isSentOnce: again.notification_id === sent.notification_id,
	found: found.data.message,
	channels: found.data.deliveries.map(({ channel }) => channel),
	eventTypes: page.data.events.map(({ event }) => event),
	problem: {
		status: problem.status,
		title: problem.title,
		paths: problem.errors?.map(({ path }) => path) ?? [],
	},
});

// The description is what the compiler holds a caller to.
export const mistakes = [
	// @ts-expect-error A limit is a number.
	() => listEvents({ limit: '1' }, options),
	// @ts-expect-error A send has a message.
	() => send({ channels: ['console'] }, undefined, options),
	// @ts-expect-error A problem has no such member.
	() => problem.reason,
];
