import { forwardedEvent, isoTime } from '@sureping/engine';
import { z } from 'zod/v4';
import {
	REPORT_STATES,
	type ReportSummary,
	type StoredReport,
} from '../../store/contract/reports.ts';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import { Problem } from '../problem.ts';
import { reportListSchema, reportSchema, type reportSummarySchema } from '../response-schemas.ts';

const paramsSchema = z.object({ id: z.string() });

const listSchema = z.strictObject({
	...pageFields,
	status: z.enum(REPORT_STATES).optional(),
	provider: z.string().max(64).optional(),
	connection: z.string().max(64).optional(),
});

/** Lists providers' reports, and forwards unmatched ones. */
export function reportRoutes(app: App, api: ApiWith<'reports'>): void {
	const tags = ['Inbound'];
	const readOnly = { config: { scopes: ['read'] } } as const;

	app.get(
		'/reports',
		{
			...readOnly,
			schema: {
				summary: 'List reports of providers, newest first',
				description:
					'matched: about a message that was sent from here. unmatched: about an unknown message. forwarded: unmatched, and passed on as an event.',
				tags,
				querystring: listSchema,
				response: { 200: reportListSchema },
			},
		},
		async ({ query: { status, provider, connection, after, limit } }) => {
			const filter = { state: status, provider, connection };
			const page = await api.store.reports.list(filter, { after, limit });
			return { reports: page.items.map(toSummary), next_cursor: page.nextCursor };
		},
	);

	app.get(
		'/reports/:id',
		{
			...readOnly,
			schema: {
				summary: 'Get a report with everything that the provider sent',
				tags,
				params: paramsSchema,
				response: { 200: reportSchema },
			},
		},
		async ({ params: { id } }) => toWire(await find(id, api)),
	);

	app.post(
		'/reports/:id/forward',
		{
			config: { scopes: ['endpoints'] },
			schema: {
				summary: 'Forward a report as an event, to the feed and to endpoints',
				description: 'For an unmatched report; 409 for any other.',
				tags,
				params: paramsSchema,
				response: { 200: reportSchema },
			},
		},
		async ({ params: { id } }) => {
			const before = await api.store.reports.forward(id);
			if (before === 'matched' || before === 'forwarded') {
				throw new Problem(409, `This report is ${before}, so its event is there already`);
			}
			api.wake();
			return toWire(await find(id, api));
		},
	);
}

async function find(id: string, { store }: ApiWith<'reports'>): Promise<StoredReport> {
	const found = await store.reports.get(id);
	if (!found) throw new Problem(404, 'There is no report with this id');
	return found;
}

function toWire(report: StoredReport): z.infer<typeof reportSchema> {
	const { event, connection } = report;
	const { metadata, ...facts } = forwardedEvent(event, connection, event.eventId);
	return { ...toSummary(report), report: { ...facts, metadata: { ...metadata } } };
}

function toSummary({
	id,
	provider,
	connection,
	state,
	deliveryId,
	receivedAt,
	event,
}: ReportSummary): z.infer<typeof reportSummarySchema> {
	const { type, eventId, providerEvent, notificationId, channel, recipient, occurredAt } = event;
	return {
		id,
		status: state,
		provider,
		connection,
		event: type,
		event_id: eventId,
		...(providerEvent === undefined ? {} : { provider_event: providerEvent }),
		message_id: notificationId,
		...(channel === undefined ? {} : { channel }),
		...(recipient === undefined ? {} : { recipient }),
		...(deliveryId === undefined ? {} : { delivery_id: deliveryId }),
		timestamp: occurredAt,
		received_at: isoTime(receivedAt),
	};
}
