import type { IExecuteFunctions } from 'n8n-workflow';
import { explainOlderRunner } from '../runner/older-runner.ts';
import { openRunner } from '../runner/runner-api.ts';
import { readEscalation } from './escalation-parameters.ts';
import { explainSend } from './explain-send.ts';
import { refusedParameters, type Sender } from './item-result.ts';
import { inOrder, originFields, postSends, type RunnerSend } from './runner-batch.ts';

/** Opens an incident for each item, or adds the item to the one that has its deduplication key. */
export async function escalateViaRunner(context: IExecuteFunctions): Promise<Sender> {
	const runner = await openRunner(context);
	return async (items) => {
		const { read, sent } = await postSends<RunnerSend>(context, runner, items, {
			read({ itemIndex, identity }, origin) {
				const parameters = readEscalation(context, itemIndex);
				if (!parameters.ok) {
					return refusedParameters(context.getNode(), itemIndex, parameters.problems);
				}
				return {
					ok: true,
					itemIndex,
					body: { ...parameters.body, idempotency_key: `n8n-${identity}` },
					origin: originFields(origin, itemIndex),
					isOwnKey: true,
				};
			},
			accepted: ({ body }, { status, incident, notification_id: notificationId, deliveries }) =>
				incident && status < 300
					? {
							incidentId: incident.id,
							status: incident.status,
							opened: incident.opened,
							...(body.dedup_key === undefined ? {} : { dedupKey: body.dedup_key }),
							...(notificationId === undefined ? {} : { notificationId }),
							deliveries: deliveries.map((one) => ({ ...one })),
						}
					: undefined,
			explain: async (reply) =>
				(await explainOlderRunner(runner, reply, ['escalation'])) ?? explainSend(reply, runner),
		});
		return inOrder(read, sent);
	};
}
