import {
	encodeWebhook,
	EVENT_TYPES,
	isOverall,
	isOverallType,
	type OwnEvent,
	OVERALL_TYPES,
	ownEventSchema,
	PROFILE_IDS,
	type ProfileId,
	PROFILES,
	subscribersOf,
	hasPayloadFor,
} from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';

const OURS: readonly ProfileId[] = ['sureping', 'standard-webhooks'];
const about = {
	subject: 'Pump 3 says hello',
	message: 'The pump stopped and this is a text that only events tell',
	source: { system: 'n8n', workflow_name: 'Order flow', url: 'https://n8n.example.com/w/1' },
};
const error = { code: 'TIMEOUT', message: 'no answer' };

/** Everything that any type of ours has; each schema takes what it knows. */
const everything = {
	notification_id: 'msg_1',
	event_id: 'evt_1',
	sequence: 1,
	metadata: {},
	timestamp: new Date(T0).toISOString(),
	error,
	attempt: 1,
	attempts: 1,
	max_attempts: 4,
	next_retry_at: new Date(T0).toISOString(),
	delivered_at: new Date(T0).toISOString(),
	latency_ms: 5,
	confirmation: 'service',
	bounce_type: 'hard',
	from_channel: 'sms',
	all_channels_failed: true,
	deliveries: [{ channel: 'email', connection: 'mail', recipient: 'ada@example.com', error }],
	in_reply_to: 'evt_0',
	loop_limit: 5,
	incident_id: 'inc_1',
	step: 1,
	round: 0,
	pages: [{ notification_id: 'msg_1', channels: ['email:mail'] }],
	via: 'api',
	reason: 'unanswered',
	...about,
};

/** Statuses that are not the end of the type's name. */
const STATUSES: Readonly<Record<string, string>> = {
	'escalation.opened': 'open',
	'escalation.step_started': 'open',
	'escalation.unacknowledged': 'open',
};

function eventOf(type: string, channel: string): OwnEvent {
	const ofDelivery = isOverallType(type)
		? {}
		: { delivery_id: 'dlv_1', channel, recipient: 'ada@example.com' };
	const status = STATUSES[type] ?? type.slice(type.indexOf('.') + 1);
	// Parsed, so that a type whose schema asks for more is noticed here.
	return ownEventSchema.parse({ event: type, status, ...everything, ...ofDelivery }) as OwnEvent;
}

function bodyOf(profile: ProfileId, event: OwnEvent): string | undefined {
	const secret =
		profile === 'standard-webhooks' ? `whsec_${btoa('0123456789')}` : 'whsec_0123456789';
	const signing = {
		secrets: [secret],
		now: T0,
		signatureInput: 'timestamped',
		reportType: 'all',
	} as const;
	return encodeWebhook(profile, [event], signing)?.body;
}

const types = Object.keys(EVENT_TYPES);
const cases = PROFILE_IDS.flatMap((profile) => types.map((type) => [type, profile] as const));

describe('every event type in every format', () => {
	it.each(cases)(
		'%s tells what it is about where %s is ours, and nothing of it elsewhere',
		(type, profile) => {
			for (const channel of ['email', 'sms']) {
				const body = bodyOf(profile, eventOf(type, channel));
				if (OURS.includes(profile)) {
					const payload = JSON.parse(body ?? 'null');
					expect(payload.data ?? payload).toMatchObject({ event: type, ...about });
				} else if (body !== undefined) {
					expect(body).not.toContain(about.subject);
					expect(body).not.toContain(about.message);
					expect(body).not.toContain('n8n');
				}
			}
		},
	);

	it.each(Object.keys(OVERALL_TYPES))(
		'%s exists in our formats only, also when another runner made it and this one forwards it',
		(type) => {
			const options = { signatureInput: 'timestamped', reportType: 'all' } as const;
			const event = eventOf(type, 'email');
			expect(isOverall(event)).toBe(true);
			expect(PROFILE_IDS.filter((profile) => hasPayloadFor(profile, event, options))).toEqual(OURS);
			const forwarded = {
				event: event.event,
				provider: 'sureping',
				notification_id: 'msg_1',
				event_id: 'evt_1',
				status: 'undelivered',
				final: true,
				connection: 'other-runner',
				timestamp: event.timestamp,
				metadata: {},
				raw: {},
			} as const;
			expect(PROFILE_IDS.filter((profile) => hasPayloadFor(profile, forwarded, options))).toEqual(
				OURS,
			);
		},
	);

	it('goes to an endpoint that asks for nothing in particular, in our formats', () => {
		for (const profile of OURS) {
			for (const type of types) expect(PROFILES[profile].defaultEvents).toContain(type);
		}
	});

	it('goes to an endpoint that asks for all of them, but not what happens to endpoints', () => {
		const endpoint = {
			events: ['*'],
			profile: 'sureping',
			isDefault: false,
			signatureInput: 'timestamped',
			reportType: 'all',
		} as const;
		const background = { hasCallback: false, earlier: () => [] };
		for (const type of types) {
			expect(subscribersOf(eventOf(type, 'email'), background, [endpoint])).toEqual([endpoint]);
		}
		const operational = {
			event: 'endpoint.failing',
			event_id: 'evt_1',
			timestamp: new Date(T0).toISOString(),
			endpoint_id: 'ep_1',
			endpoint_name: 'one',
		} as const;
		expect(subscribersOf(operational, background, [endpoint])).toEqual([]);
	});
});
