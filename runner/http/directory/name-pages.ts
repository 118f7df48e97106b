import { MOST_PAGE_BYTES } from '../../store/rules/feed-page.ts';
import { TimeSlices } from '../time-slices.ts';

/** Part of a list in the order of names. `nextCursor` is the last name of the page, and absent at the end of the list. */
export interface NamePage<Answer> {
	readonly items: readonly Answer[];
	readonly nextCursor?: string;
}

export interface NamePageRequest {
	readonly after?: string | undefined;
	readonly limit: number;
}

/**
 * Makes a page of a list that is in memory. It ends early at the entry that reaches `MOST_PAGE_BYTES`. An entry that is
 * removed meanwhile hides no other. Others are served between the entries, which may take long to describe.
 */
export async function pageByName<T, Answer>(
	entries: readonly T[],
	nameOf: (entry: T) => string,
	toAnswer: (entry: T) => Answer,
	{ after = '', limit }: NamePageRequest,
): Promise<NamePage<Answer>> {
	const rest = entries
		.map((entry) => ({ entry, name: nameOf(entry) }))
		.filter(({ name }) => name > after)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const slices = new TimeSlices();
	const items: Answer[] = [];
	let bytes = 0;
	for (const { entry, name } of rest) {
		await slices.yieldIfDue();
		const answer = toAnswer(entry);
		items.push(answer);
		bytes += Buffer.byteLength(JSON.stringify(answer));
		const isFull = items.length === limit || bytes >= MOST_PAGE_BYTES;
		if (isFull && items.length < rest.length) return { items, nextCursor: name };
	}
	return { items };
}
