import type { Acceptance, AcceptResult } from '../../contract/sends.ts';
import { repeated } from '../../rules/idempotency.ts';
import { sendRequest } from '../../rules/requests.ts';
import type { Transaction } from '../db/database.ts';
import { writeLater } from '../db/write-rows.ts';
import type { Load } from '../db/carried-load.ts';
import type { Publication } from '../feed/publish.ts';
import { added } from '../notifications/add.ts';
import { forgetRefused, keyOf, rememberAnswers } from './idempotency.ts';
import { lockQuotas, storeQuotas } from './quotas.ts';

/**
 * Answers each acceptance, and writes the new ones without their events: those are `accepted`. With a `load`, deliveries
 * that can start at once are claimed.
 */
export async function acceptAll(
	sql: Transaction,
	acceptances: readonly Acceptance[],
	load?: Load,
): Promise<{ results: AcceptResult[]; accepted: readonly Acceptance[] }> {
	if (acceptances.length === 0) return { results: [], accepted: [] };
	const answered = new Map(await rememberAnswers(sql, acceptances.map(sendRequest)));
	const quotas = await lockQuotas(sql, acceptances);
	const accepted: Acceptance[] = [];
	const results = acceptances.map((acceptance): AcceptResult => {
		const { apiKey, idempotency, answer } = acceptance;
		const name = idempotency && keyOf(apiKey, idempotency);
		const first = name === undefined ? undefined : answered.get(name);
		if (idempotency && first) return repeated(first, idempotency);
		if (!quotas.use(acceptance)) return { result: 'over_quota', answer };
		if (idempotency && name !== undefined) {
			answered.set(name, { bodyHash: idempotency.bodyHash, answer });
		}
		accepted.push(acceptance);
		return { result: 'accepted', answer };
	});
	storeQuotas(sql, quotas);
	forgetRefused(sql, acceptances, answered);

	const all = accepted.map(({ transition: { notification }, apiKey, callbacks = [] }) => ({
		notification,
		origin: { apiKey, callbacks },
	}));
	writeLater(sql, added(all, load));
	return { results, accepted };
}

/** The events of an acceptance. */
export const publicationsOf = ({
	transition: { notification, events },
	callbacks = [],
}: Pick<Acceptance, 'transition' | 'callbacks'>): Publication[] =>
	events.map((event) => ({ event, callbacks, depth: notification.depth, about: notification }));
