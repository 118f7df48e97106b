import type { IExecuteFunctions } from 'n8n-workflow';
import { accept, planSend, runToEnd } from '../../engine/dispatch/index.ts';
import { ERROR_CODES } from '../../engine/errors.ts';
import { createIds } from '../../engine/ids.ts';
import { type Notification, sendRequestSchema, statusOf } from '../../engine/notification.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Explanation } from '../http/explanation.ts';
import { openDirectConnections, unreachable } from './direct-connections.ts';
import { httpPort } from './http-port.ts';
import { type ItemResult, refusedByApi, refusedParameters, type Sender } from './item-result.ts';
import { notificationItem } from './notification-item.ts';
import { oneByOne } from './process-items.ts';
import { readSendParameters } from './send-parameters.ts';

/** Runs the engine in memory: attempts, delays and fallbacks all happen while the node runs. */
export async function sendDirectly(context: IExecuteFunctions): Promise<Sender> {
	const catalog = await openDirectConnections(context);
	const clock = { now: Date.now, sleep: cancellableSleep(context) };
	const chance = { random: Math.random, newId: createIds(Date.now) };
	const host = { catalog, transports: { http: httpPort(context) }, clock, ...chance };
	const node = context.getNode();

	const sendItem = async (itemIndex: number): Promise<ItemResult> => {
		const parameters = readSendParameters(context, itemIndex, 'direct');
		if (!parameters.ok) return refusedParameters(node, itemIndex, parameters.problems);
		const checked = sendRequestSchema.safeParse(parameters.request);
		if (!checked.success) {
			const problems = checked.error.issues.map(({ path, message }) => ({
				path: path.join('.'),
				message,
			}));
			return refusedParameters(node, itemIndex, problems);
		}
		const { channels, fallback_channels = [] } = checked.data;
		const missing = [
			...unreachable(channels, 'channels', catalog),
			...unreachable(fallback_channels, 'fallback_channels', catalog),
		];
		if (missing.length > 0) return refusedParameters(node, itemIndex, missing);
		const planned = planSend(checked.data, catalog, clock.now());
		if (!planned.ok) return refusedParameters(node, itemIndex, planned.problems);

		const accepted = accept(planned.plan, clock.now(), chance.newId);
		const { notification } = await runToEnd(accepted, host);
		const json = notificationItem(notification);
		if (statusOf(notification) === 'delivered') return { ok: true, json };
		return refusedByApi(node, itemIndex, explainUndelivered(notification), json);
	};
	return async (items) =>
		await oneByOne(
			context,
			items.map(({ itemIndex }) => itemIndex),
			sendItem,
		);
}

/** Explains an undelivered notification by each channel's last error and the meaning of its code. */
function explainUndelivered({ deliveries }: Notification): Explanation {
	const last = deliveries.map(({ channel, attempts }) => ({
		channel,
		tries: attempts.length,
		error: attempts.at(-1)?.error,
	}));
	const reasons = last.map(({ channel, tries, error }) => {
		const times = tries > 1 ? ` (${tries} attempts)` : '';
		return `${channel}: ${error?.message ?? 'was not tried'}${times}`;
	});
	const meanings = new Set(last.flatMap(({ error }) => (error ? [ERROR_CODES[error.code]] : [])));
	return {
		message: `No channel took the notification. ${reasons.join('; ')}`,
		description: `${[...meanings].join(' ')} Correct the cause, add a fallback channel, or send via a runner, which keeps retrying after this execution has ended.`,
		httpCode: null,
	};
}
