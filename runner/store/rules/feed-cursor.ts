/**
 * A place in the feed, as `next_cursor` gives it. `7` means after position 7. A reader that began without a cursor, and
 * so at the oldest event kept, goes on from `7-20`: when it began, 20 was the highest position pruned. Some events up
 * to there were kept, such as 7; the reader knows that the others are missing.
 */
export interface FeedCursor {
	readonly after: number;
	readonly began: number;
}

export const CURSOR_FORM = /^(\d{1,15})(?:-(\d{1,15}))?$/;

/** Parses a cursor; undefined if it is not one. Without a cursor the feed begins at the oldest event kept. */
export function readCursor(cursor: string | undefined): FeedCursor | undefined {
	if (cursor === undefined) return { after: 0, began: Infinity };
	const [, after, began] = CURSOR_FORM.exec(cursor) ?? [];
	return after === undefined ? undefined : { after: Number(after), began: Number(began ?? 0) };
}

/** True if events were pruned that the reader has not seen and does not know to be missing. */
export function isPruned({ after, began }: FeedCursor, prunedPosition: number): boolean {
	return after < prunedPosition && began < prunedPosition;
}

/** The cursor of a reader that has read up to `position`. */
export function cursorAt(position: number, before: FeedCursor, prunedPosition: number): string {
	const began = Math.min(before.began, prunedPosition);
	return position < began ? `${position}-${began}` : String(position);
}
