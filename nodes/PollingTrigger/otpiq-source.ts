import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { readFetched } from '../../engine/receive/fetched.ts';
import type { ReceivedEvent } from '../../engine/receive/received.ts';
import type { ReceivedType } from '../../engine/receive/vocabulary.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import type { Explanation } from '../runner/explain-refusal.ts';
import { withoutTrailingSlash } from '../runner/runner-api.ts';
import { explainOtpiq, OTPIQ } from '../SendNotification/otpiq-answers.ts';
import {
	isFinalTrack,
	type OtpiqTrack,
	otpiqTrackSchema,
} from '../SendNotification/otpiq-status.ts';
import { ask } from './ask.ts';
import { A_FEW, listedIds, type Polled, POLL_BUDGET_MS, type Source } from './source.ts';

/** Of each listed message, what was last seen of it: nothing more is asked about one that is final. */
const stateSchema = z.object({
	seen: z.record(z.string(), z.object({ status: z.string(), isFinal: z.boolean() })),
});
type Seen = z.infer<typeof stateSchema>['seen'];

/** Before anything was sent there is nothing to report; OTPIQ's webhook does not either. */
const NOT_YET = 'pending';

/** What tracking tells and the webhook does not. */
const ONLY_TRACKED: ReadonlyMap<string, ReceivedType> = new Map([
	['read', 'notification.read'],
	['expired', 'notification.failed'],
]);

/** OTPIQ's `GET /sms/track/{smsId}` for each message of a list (docs.otpiq.com/api-reference/messaging/track). */
export const otpiqSource: Source = {
	origin: async (context) =>
		withoutTrailingSlash((await context.getCredentials(OTPIQ.credential)).baseUrl),
	since: async (context, state, now) =>
		await track(context, stateSchema.safeParse(state).data?.seen ?? {}, listed(context), now),
	latest: async (context, now) => await track(context, {}, listed(context).slice(-A_FEW), now),
};

const listed = (context: IPollFunctions): string[] =>
	listedIds(context.getNodeParameter('smsIds', ''));

async function track(
	context: IPollFunctions,
	known: Seen,
	ids: readonly string[],
	now: number,
): Promise<Polled> {
	const baseUrl = await otpiqSource.origin(context);
	// What is not listed any more is forgotten.
	const seen: Seen = Object.fromEntries(
		ids.flatMap((id) => (known[id] ? [[id, known[id]] as const] : [])),
	);
	const events: ReceivedEvent[] = [];
	let failure: Explanation | undefined;
	for (const id of ids.filter((one) => !seen[one]?.isFinal)) {
		if (Date.now() - now > POLL_BUDGET_MS) break;
		const reply = await ask(
			context,
			OTPIQ.credential,
			`${baseUrl}/sms/track/${encodeURIComponent(id)}`,
		);
		const found = !('failure' in reply) && reply.status === 200 ? trackOf(reply.body) : undefined;
		if (!found) {
			if (isUnknown(reply)) {
				context.logger.warn(`${context.getNode().name}: OTPIQ does not know the message ${id}`);
				continue;
			}
			// The others would be refused alike. They are as they were, so the next poll asks about them.
			failure = explain(reply);
			break;
		}
		const status = [found.status, found.lastChannel].join(' ');
		if (found.status === NOT_YET || seen[id]?.status === status) continue;
		events.push(...toEvents(found, now));
		// In the order of the last asking, so that a long list comes round.
		seen[id] = { status, isFinal: isFinalTrack(found) };
	}
	if (failure && events.length === 0) return { ok: false, explanation: failure };
	return { ok: true, events, state: { seen } };
}

function trackOf(body: unknown): OtpiqTrack | undefined {
	return otpiqTrackSchema.safeParse(body).data;
}

function isUnknown(reply: ApiReply | Unanswered): boolean {
	return !('failure' in reply) && reply.status === 404;
}

function explain(reply: ApiReply | Unanswered): Explanation {
	if (!('failure' in reply)) return explainOtpiq(reply);
	return {
		message: `OTPIQ did not answer: ${reply.detail}`,
		description: 'Check the Base URL of the OTPIQ API credential and the network of n8n.',
		httpCode: null,
	};
}

/** As the delivery report of the same change reads, its event id included. */
function toEvents(found: OtpiqTrack, now: number): ReceivedEvent[] {
	const { smsId, status, lastChannel = 'sms', phoneNumber } = found;
	const final = isFinalTrack(found);
	const report = { smsId, status, channel: lastChannel, isFinal: final };
	const type = ONLY_TRACKED.get(status);
	return (readFetched('otpiq', report, { now })?.events ?? []).map((event) => ({
		...event,
		...(type === undefined ? {} : { type, status }),
		...(phoneNumber === undefined ? {} : { recipient: phoneNumber }),
		raw: found as IDataObject, // parsed JSON
	}));
}
