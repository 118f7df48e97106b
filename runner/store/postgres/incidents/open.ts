import { type Incident, NO_FACTS } from '@sureping/engine';
import type { Opening, OpenResult } from '../../contract/incidents.ts';
import { BrokenRow } from '../../contract/errors.ts';
import { type IncidentRecord, toIncidentRecord } from '../../rows/incident.ts';
import { repeated } from '../../rules/idempotency.ts';
import { joinedAnswer } from '../../rules/incidents.ts';
import { openingRequest } from '../../rules/requests.ts';
import { carrying, type Load } from '../db/carried-load.ts';
import { StartOver, type Transaction } from '../db/database.ts';
import { addBroken } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { correctAnswer, keyOf, rememberAnswers } from '../sends/idempotency.ts';
import { lockQuotas, storeQuotas } from '../sends/quotas.ts';
import { stepOf, workOf } from './change.ts';
import { insertIncident, lockHolder, releaseKey } from './rows.ts';

/** Rolls the transaction of an opening back. */
class OverQuota extends Error {}

/** Stores a new incident, or adds the send to the one that has its key, in a transaction of its own. */
export async function open(scope: Scope, opening: Opening): Promise<OpenResult> {
	try {
		return await carrying(scope, (sql, load) => openWithin(sql, scope, opening, load));
	} catch (error) {
		if (error instanceof OverQuota) return { result: 'over_quota', answer: opening.answer };
		throw error;
	}
}

/** Locks in the order of all transactions: idempotency key, incident, notifications, quota, and the feed last. */
async function openWithin(
	sql: Transaction,
	scope: Scope,
	opening: Opening,
	load: Load,
): Promise<OpenResult> {
	const { transition, apiKey, callbacks = [], idempotency, onRepeated } = opening;
	const request = openingRequest(opening);
	const known = await rememberAnswers(sql, [request]);
	const first = idempotency && known.get(keyOf(apiKey, idempotency));
	if (idempotency && first) return repeated(first, idempotency);

	const holder = await holderOf(sql, scope, transition.incident);
	const taken = holder && (await stepOf(sql, scope, holder, onRepeated, NO_FACTS));
	const origin = { apiKey, callbacks };
	if (!taken && !(await insertIncident(sql, transition.incident, origin, scope.now()))) {
		throw new StartOver('Another process has opened an incident with this key');
	}
	const quotas = await lockQuotas(sql, [request]);
	if (!quotas.use(request)) throw new OverQuota();
	storeQuotas(sql, quotas);

	if (!taken) {
		const write = await workOf(sql, scope, transition, origin);
		await write(load);
		return { result: 'accepted', answer: opening.answer };
	}
	const answer = joinedAnswer(taken.transition.incident);
	if (idempotency) correctAnswer(sql, apiKey, idempotency, answer);
	await taken.write(load);
	return { result: 'joined', answer };
}

/** The incident that has the key of a new one. A damaged one gives it up: it cannot take the send on. */
async function holderOf(
	sql: Transaction,
	scope: Scope,
	{ dedupKey, owner }: Incident,
): Promise<IncidentRecord | undefined> {
	const row = dedupKey === undefined ? undefined : await lockHolder(sql, dedupKey, owner);
	if (!row) return undefined;
	try {
		return toIncidentRecord(row);
	} catch (error) {
		if (!(error instanceof BrokenRow)) throw error;
		const id = String(row.id);
		await addBroken(sql, scope, 'incident', [{ id, error }]);
		await releaseKey(sql, id);
		return undefined;
	}
}
