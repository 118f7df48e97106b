import type { EndpointReview } from '../../contract/webhooks.ts';
import type { Sql } from '../db/database.ts';

/**
 * The reviews that are not stored yet. When the answer to a commit is lost, what was stored is asked for again; the events
 * and notifications of a review are stored with it, so whoever has the turn of the feed can tell by their ids. A review
 * without any says what an endpoint's health is, and may say so twice.
 */
export async function unknownReviews(
	sql: Sql,
	reviews: readonly EndpointReview[],
): Promise<readonly EndpointReview[]> {
	const ids = reviews.flatMap(idsOf);
	if (ids.length === 0) return reviews;
	const rows = await sql.rows(
		`SELECT id FROM sureping.events WHERE id = ANY($1::text[])
		 UNION ALL SELECT id FROM sureping.notifications WHERE id = ANY($1::text[])`,
		[ids],
	);
	const known = new Set(rows.map(({ id }) => String(id)));
	return reviews.filter((review) => !idsOf(review).some((id) => known.has(id)));
}

const idsOf = ({ events, notices }: EndpointReview): string[] => [
	...events.map(({ event_id }) => event_id),
	...notices.map(({ transition }) => transition.notification.id),
];
