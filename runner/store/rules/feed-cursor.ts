/**
 * A place in the feed, as `next_cursor` gives it: `7`, what comes after position 7. A reader who began at the oldest event
 * that was kept goes on as `7-20`: up to 20, which was the end of what was pruned then, events are missing, as it knows.
 */
export interface FeedCursor {
	readonly after: number;
	readonly began: number;
}

export const CURSOR_FORM = /^(\d{1,15})(?:-(\d{1,15}))?$/;

/** Undefined for what is no cursor; without one the feed begins at the oldest event that is kept. */
export function readCursor(cursor: string | undefined): FeedCursor | undefined {
	if (cursor === undefined) return { after: 0, began: Infinity };
	const [, after, began] = CURSOR_FORM.exec(cursor) ?? [];
	return after === undefined ? undefined : { after: Number(after), began: Number(began ?? 0) };
}

/** Whether events are missing that its reader was to get. */
export function isPruned({ after, began }: FeedCursor, prunedPosition: number): boolean {
	return after < prunedPosition && began < prunedPosition;
}

/** The cursor of a page's reader once it has read up to `position`. */
export function cursorAt(position: number, before: FeedCursor, prunedPosition: number): string {
	const began = Math.min(before.began, prunedPosition);
	return position < began ? `${position}-${began}` : String(position);
}
