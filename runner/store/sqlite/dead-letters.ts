import type { DeadLetterKind, DeadLetters } from '../contract/dead-letters.ts';
import { type Broken, reasonOf } from '../rows/broken-row.ts';
import { deadLetterRow, toDeadLetter } from '../rows/dead-letter.ts';
import { deadLetterConditions, listed } from '../rows/list-conditions.ts';
import { toPage } from '../rows/pages.ts';
import { requeueDelivery, stopDelivery } from './deliveries/rows.ts';
import { requeueIncident, stopIncident } from './incidents/rows.ts';
import { requeueReport, stopReport } from './reports/rows.ts';
import type { Scope } from './scope.ts';
import { makeDue } from './webhooks/held.ts';
import { stopWebhook } from './webhooks/rows.ts';

export function createDeadLetters(scope: Scope): DeadLetters {
	const { sql, commits, reader, webhookClaims } = scope;
	return {
		async add(kind, ids, reason) {
			await commits.run(() => {
				if (kind === 'webhook') webhookClaims.store();
				for (const id of ids) addDeadLetter(scope, { kind, id, reason });
			});
			if (kind === 'webhook') webhookClaims.forget(ids.map((id) => ({ id })));
		},
		async list(filter, { after, limit }) {
			const { where, values } = listed(limit, deadLetterConditions(filter, after));
			const { rows, isCut } = await reader.find(
				`SELECT * FROM dead_letters ${where} ORDER BY id DESC LIMIT ?`,
				...values,
			);
			return toPage(rows, limit, toDeadLetter, isCut);
		},
		requeue: (id) =>
			commits.run(() => {
				const row = sql.get`SELECT * FROM dead_letters WHERE id = ${id}`;
				if (!row) return undefined;
				const { kind, of } = toDeadLetter(row);
				sql.run`DELETE FROM dead_letters WHERE id = ${id}`;
				return REQUEUE[kind](scope, of) ? 'retried' : 'gone';
			}),
	};
}

interface Letter {
	readonly kind: DeadLetterKind;
	/** The id of the row that is set aside, not of the dead letter. */
	readonly id: string;
	readonly reason: string;
	/** The notification of a delivery, where it is known. */
	readonly notificationId?: string | undefined;
}

/** Stops a row from being tried until somebody requeues it, in a transaction of the caller's. */
export function addDeadLetter(scope: Scope, letter: Letter): void {
	const { sql, newId, now } = scope;
	const { kind, id, reason } = letter;
	STOP[kind](scope, letter);
	sql.insert(
		'dead_letters',
		deadLetterRow(newId('ltr'), kind, id, reason, now()),
		'ON CONFLICT (kind, of) DO UPDATE SET reason = excluded.reason',
	);
}

/** Rows that were found broken while they were read, on their way to the dead letters. */
export class BrokenRows {
	private readonly scope: Scope;
	/** Rows that the store could not add when they were found. */
	private readonly waiting = new Map<string, Letter>();

	constructor(scope: Scope) {
		this.scope = scope;
	}

	/** Adds rows to the dead letters. What the store cannot add now is added with the next ones. */
	async add(kind: DeadLetterKind, broken: readonly Broken[]): Promise<void> {
		const { commits, webhookClaims } = this.scope;
		for (const { id, error, notificationId } of broken) {
			this.waiting.set(`${kind} ${id}`, { kind, id, reason: reasonOf(error), notificationId });
		}
		const letters = [...this.waiting.values()];
		if (letters.length === 0) return;
		try {
			await commits.run(() => {
				for (const letter of letters) addDeadLetter(this.scope, letter);
			});
			for (const { kind, id } of letters) this.waiting.delete(`${kind} ${id}`);
			webhookClaims.forget(letters.filter((one) => one.kind === 'webhook'));
		} catch {
			// The next write of any kind reports what is wrong with the store.
		}
	}
}

const STOP: Readonly<Record<DeadLetterKind, (scope: Scope, letter: Letter) => void>> = {
	delivery: ({ sql, deliveryClaims }, { id, notificationId }) =>
		stopDelivery(sql, id, notificationId ?? deliveryClaims.get(id)?.notification.id),
	webhook: ({ sql }, { id }) => stopWebhook(sql, id),
	report: ({ sql }, { id }) => stopReport(sql, id),
	// An event has no work to stop: the feed passes over a broken one.
	event: () => undefined,
	incident: ({ sql }, { id }) => stopIncident(sql, id),
};

/** False when the row is not waiting any more. */
const REQUEUE: Readonly<Record<DeadLetterKind, (scope: Scope, id: string) => boolean>> = {
	delivery({ sql, commits, deliveryClaims, now }, id) {
		const time = now();
		const found = requeueDelivery(sql, id, time);
		if (found) {
			commits.onceDurable(() => deliveryClaims.expect(found.lane, found.priority, time));
		}
		return found !== undefined;
	},
	webhook: (scope, id) => makeDue(scope, id, ['dead'])?.due !== undefined,
	report: ({ sql, now }, id) => requeueReport(sql, id, now()),
	// The next reader of the feed finds out whether it can be read.
	event: () => true,
	incident: ({ sql, now }, id) => requeueIncident(sql, id, now()),
};
