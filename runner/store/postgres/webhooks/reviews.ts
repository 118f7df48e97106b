import type { WebhookDelivery } from '@sureping/engine';
import type { Acceptance } from '../../contract/sends.ts';
import type { EndpointReview } from '../../contract/webhooks.ts';
import { reviewed } from '../../rules/endpoint-changes.ts';
import type { Sql } from '../db/database.ts';
import { readEndpoint, writeEndpoints, writeHealth } from '../endpoints/rows.ts';
import { lockFeed } from '../feed/lock.ts';
import { type Publication, publicationOf, publishChange } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { acceptAll, publicationsOf } from '../sends/accept.ts';
import { updateWebhooks } from './rows.ts';

/** The outcome of a request, and its review of the endpoint. */
export interface Reviewed {
	readonly deliveries: readonly WebhookDelivery[];
	readonly review: EndpointReview;
}

/**
 * Stores outcomes with their reviews, in the order in which the requests ended. Returns for each whether it disabled its
 * endpoint.
 */
export async function settleWithReviews(
	scope: Scope,
	some: readonly Reviewed[],
): Promise<readonly boolean[]> {
	const disabling = await scope.database.transaction(async (sql) => {
		const deliveries = some.flatMap((one) => one.deliveries);
		await updateWebhooks(sql, deliveries, scope.leases.owner);
		const lock = await lockFeed(sql);
		const reviews = await unknownReviews(
			sql,
			some.map(({ review }) => review),
		);
		const disabling = new Set<EndpointReview>();
		const notices: Acceptance[] = [];
		const publications: Publication[] = [];
		for (const [id, ofEndpoint] of Map.groupBy(reviews, ({ endpointId }) => endpointId)) {
			const result = reviewed(await readEndpoint(sql, id), ofEndpoint);
			if (!result) continue;
			if (result.disabledBy) {
				await writeEndpoints(sql, [result.endpoint]);
				disabling.add(result.disabledBy);
			} else {
				await writeHealth(sql, result.endpoint);
			}
			notices.push(...result.notices);
			publications.push(...result.events.map(publicationOf));
		}
		const { accepted } = await acceptAll(sql, notices);
		publications.push(...accepted.flatMap(publicationsOf));
		await publishChange(sql, publications, lock, scope);
		return disabling;
	});
	return some.map(({ review }) => disabling.has(review));
}

/**
 * The reviews that are not stored yet. After a commit whose answer was lost, reviews are stored again; those that were
 * stored before are known by the ids of their events and notifications, which the feed lock keeps from changing meanwhile.
 * A review without any only sets the endpoint's health, and may do so twice.
 */
async function unknownReviews(
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
