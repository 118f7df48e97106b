import { type Incident, NO_FACTS } from '@sureping/engine';
import type { Opening, OpenResult } from '../../contract/incidents.ts';
import { reasonOf } from '../../rows/broken-row.ts';
import { type IncidentRecord, toIncidentRecord } from '../../rows/incident.ts';
import { joinedAnswer } from '../../rules/incidents.ts';
import { openingRequest } from '../../rules/requests.ts';
import { addDeadLetter } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { refusalOf } from '../sends/accept.ts';
import { rememberAnswer } from '../sends/idempotency.ts';
import { changeRecord, storeWork } from './change.ts';
import { findHolder, insertIncident, releaseKey } from './rows.ts';

/** Stores a new incident, or adds the send to the one that has its key, in a transaction of the caller's. */
export function open(scope: Scope, opening: Opening): OpenResult {
	const { sql, now } = scope;
	const { transition, apiKey, callbacks = [], idempotency, onRepeated } = opening;
	const request = openingRequest(opening);
	const refusal = refusalOf(sql, request);
	if (refusal) return refusal;
	const holder = holderOf(scope, transition.incident);
	const joined = holder && changeRecord(scope, holder, onRepeated, NO_FACTS).incident;
	const answer = joined ? joinedAnswer(joined) : opening.answer;
	if (idempotency) rememberAnswer(sql, { ...request, answer }, idempotency);
	if (joined) return { result: 'joined', answer };
	const origin = { apiKey, callbacks };
	insertIncident(sql, transition.incident, origin, now());
	storeWork(scope, transition, origin);
	return { result: 'accepted', answer };
}

/** The incident that has the key of a new one. A damaged one gives it up: it cannot take the send on. */
function holderOf(scope: Scope, { dedupKey, owner }: Incident): IncidentRecord | undefined {
	const { sql } = scope;
	const row = dedupKey === undefined ? undefined : findHolder(sql, dedupKey, owner);
	if (!row) return undefined;
	try {
		return toIncidentRecord(row);
	} catch (error) {
		const id = String(row.id);
		addDeadLetter(scope, { kind: 'incident', id, reason: reasonOf(error) });
		releaseKey(sql, id);
		return undefined;
	}
}
