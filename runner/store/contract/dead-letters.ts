import type { Page, PageRequest } from './pages.ts';

/** Rows that a fault of the runner keeps from being processed, until the operator requeues them. */
export interface DeadLetters {
	add(kind: DeadLetterKind, ids: readonly string[], reason: string): Promise<void>;
	/** Newest first. */
	list(filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetter>>;
	/**
	 * Makes the row due again and removes the letter. `gone`: the row is not waiting any more; undefined: there is no such
	 * letter.
	 */
	requeue(id: string): Promise<'retried' | 'gone' | undefined>;
}

export const DEAD_LETTER_KINDS = ['delivery', 'webhook', 'report', 'event', 'incident'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

/** A row that cannot be read, or that a fault of the runner keeps from being processed. Nothing of it is lost. */
export interface DeadLetter {
	readonly id: string;
	readonly kind: DeadLetterKind;
	/** The row's id. */
	readonly of: string;
	/** Cause, for the operator. */
	readonly reason: string;
	readonly createdAt: number;
}

export interface DeadLetterFilter {
	readonly kind?: DeadLetterKind | undefined;
}
