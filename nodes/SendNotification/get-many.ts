import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { explainRefusal } from '../runner/explain-refusal.ts';
import { camelCased, notificationListSchema } from '../runner/runner-answers.ts';
import { openRunner } from '../runner/runner-api.ts';
import { type ItemResult, type ManyItems, refusedByApi } from './item-result.ts';
import { parameterName } from './parameter-names.ts';
import { oneByOne } from './process-items.ts';

/** The most notifications in one answer of the runner. */
const PAGE = 100;

/** `GET /notifications` for each item, page by page, newest first. */
export async function getManyNotifications(
	context: IExecuteFunctions,
): Promise<readonly (ItemResult | ManyItems)[]> {
	const runner = await openRunner(context);
	const repeating = { idempotent: true, sleep: cancellableSleep(context) };
	const indexes = [...context.getInputData().keys()];
	return await oneByOne<ItemResult | ManyItems>(context, indexes, async (itemIndex) => {
		const isAll = context.getNodeParameter('returnAll', itemIndex, false) === true;
		const most = isAll ? Infinity : Number(context.getNodeParameter('limit', itemIndex, 50));
		const filters = context.getNodeParameter('filters', itemIndex, {}) as IDataObject; // a collection
		const items: IDataObject[] = [];
		let after: string | undefined;
		do {
			const query = new URLSearchParams({
				limit: String(Math.min(PAGE, most - items.length)),
				...chosen(filters),
				...(after === undefined ? {} : { after }),
			});
			const reply = await untilAnswered(
				() => runner.request('GET', `/notifications?${query.toString()}`),
				repeating,
			);
			const page =
				'failure' in reply || reply.status !== 200
					? undefined
					: notificationListSchema.safeParse(reply.body).data;
			if (!page) {
				const { baseUrl } = runner;
				const action = 'list its notifications';
				const about = { baseUrl, action, scope: 'read', nameOf: parameterName };
				return refusedByApi(context.getNode(), itemIndex, explainRefusal(reply, about));
			}
			items.push(...page.notifications.map(camelCased));
			after = page.next_cursor ?? undefined;
		} while (after !== undefined && items.length < most);
		return { ok: true, items: items.slice(0, most) };
	});
}

function chosen({ status, channel }: IDataObject): Record<string, string> {
	return Object.fromEntries(
		Object.entries({ status, channel })
			.map(([name, value]) => [name, String(value ?? '').trim()])
			.filter(([, value]) => value !== ''),
	) as Record<string, string>;
}
