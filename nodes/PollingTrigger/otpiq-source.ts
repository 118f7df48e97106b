import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { readFetched } from '../../engine/receive/read-fetched.ts';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import type { ReceivedType } from '../../engine/vocabulary.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import type { Explanation } from '../http/explanation.ts';
import { apiUrl } from '../services/hosted-service.ts';
import { OTPIQ, OTPIQ_PATHS } from '../services/otpiq/answers.ts';
import { isFinalTrack, type OtpiqTrack, otpiqTrackSchema } from '../services/otpiq/tracking.ts';
import { askHosted, bodyOf, explainHosted } from './ask-source.ts';
import { A_FEW, listedIds, type Polled, POLL_BUDGET_MS, type Source } from './source.ts';

/** The last status of each listed message. A message whose status is final is not asked about again. */
const stateSchema = z.object({
	seen: z.record(z.string(), z.object({ status: z.string(), isFinal: z.boolean() })).default({}),
	/** The message that the next poll begins with, if the last one ran out of time. */
	next: z.string().optional(),
});
type State = z.infer<typeof stateSchema>;

/** Nothing was sent yet, so there is no event; OTPIQ's webhook reports none either. */
const NOT_YET = 'pending';

/** Statuses that only tracking knows, and not the webhook. */
const ONLY_TRACKED: ReadonlyMap<string, ReceivedType> = new Map([
	['read', 'notification.read'],
	['expired', 'notification.failed'],
]);

/** OTPIQ's `GET /sms/track/{smsId}` for each message of a list (docs.otpiq.com/api-reference/messaging/track). */
export const otpiqSource: Source = {
	origin: async (context) =>
		apiUrl(OTPIQ, (await context.getCredentials(OTPIQ.credential)).baseUrl, ''),
	since: async (context, state, now) =>
		await track(context, stateSchema.safeParse(state).data ?? NOTHING, listed(context), now),
	latest: async (context, now) => await track(context, NOTHING, listed(context).slice(-A_FEW), now),
};

const NOTHING: State = { seen: {} };

const listed = (context: IPollFunctions): string[] =>
	listedIds(context.getNodeParameter('smsIds', ''));

async function track(
	context: IPollFunctions,
	known: State,
	ids: readonly string[],
	now: number,
): Promise<Polled> {
	const baseUrl = await otpiqSource.origin(context);
	// Messages that are no longer listed are forgotten.
	const seen: State['seen'] = Object.fromEntries(
		Object.entries(known.seen).filter(([id]) => ids.includes(id)),
	);
	const events: ReceivedEvent[] = [];
	let failure: Explanation | undefined;
	let next: string | undefined;
	const start = Math.max(0, ids.indexOf(known.next ?? ''));
	const inTurn = [...ids.slice(start), ...ids.slice(0, start)];
	for (const id of inTurn.filter((one) => !seen[one]?.isFinal)) {
		if (Date.now() - now > POLL_BUDGET_MS) {
			next = id;
			break;
		}
		const reply = await askHosted(context, OTPIQ, baseUrl + OTPIQ_PATHS.track(id));
		const found = bodyOf(reply, otpiqTrackSchema);
		if (!found) {
			if (isUnknown(reply)) {
				context.logger.warn(`${context.getNode().name}: OTPIQ does not know the message ${id}`);
				continue;
			}
			// The rest would fail the same way. Their state is unchanged, so the next poll asks about them.
			failure = explainHosted(OTPIQ, reply, 'show the message');
			break;
		}
		const status = [found.status, found.lastChannel].join(' ');
		if (found.status === NOT_YET || seen[id]?.status === status) continue;
		events.push(...toEvents(found, now));
		seen[id] = { status, isFinal: isFinalTrack(found) };
	}
	if (failure && events.length === 0) return { ok: false, explanation: failure };
	return { ok: true, events, state: { seen, ...(next && { next }) } };
}

function isUnknown(reply: ApiReply | Unanswered): boolean {
	return !('failure' in reply) && reply.status === 404;
}

/** The same events as from the delivery report of this change, with the same ids. */
function toEvents(found: OtpiqTrack, now: number): ReceivedEvent[] {
	const { smsId, status, lastChannel = 'sms', phoneNumber } = found;
	const final = isFinalTrack(found);
	const report = { smsId, status, channel: lastChannel, isFinal: final };
	const type = ONLY_TRACKED.get(status);
	return readFetched('otpiq', report, { now }).events.map((event) => ({
		...event,
		...(type === undefined ? {} : { type, status }),
		...(phoneNumber === undefined ? {} : { recipient: phoneNumber }),
		raw: found as IDataObject, // parsed JSON
	}));
}
