import { PROFILES, SIGNATURE_INPUTS, withRules } from '@sureping/engine';
import { z } from 'zod/v4';
import { toBatch, toRate } from '../../../config/endpoints.ts';
import { endpointFields } from '../../../config/settings/index.ts';
import type { Endpoint } from '../../../store/contract/endpoints.ts';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { newEndpointSchema } from '../../response-schemas.ts';
import { toAnswer } from './answer.ts';
import { findChangeable } from './find.ts';
import { newSecret } from './new-secret.ts';
import { refuseSettings, refuseUrl } from './refuse-settings.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';
import { storeChange, withCleanRecord } from './store-change.ts';

const changeSchema = z.strictObject({
	name: endpointFields.name.optional(),
	url: endpointFields.url.optional(),
	events: endpointFields.events.describe(
		'Event types to send, in place of the former ones. `*` stands for all types of the feed, later ones included.',
	),
	default: z.boolean().optional(),
	signature_input: z.enum(SIGNATURE_INPUTS).optional(),
	ack: z.enum(['2xx', 'strict-200']).optional(),
	retry: endpointFields.retry.describe(
		'Retry rules of its webhooks. `false` makes a single attempt.',
	),
	batch: endpointFields.batch
		.nullable()
		.describe('Several events in one request. `null` sends one event per request.'),
	report_type: endpointFields.report_type.describe(
		"OTPIQ's report type, for the profile `otpiq`: `final` leaves out `notification.sent`.",
	),
	headers: endpointFields.headers
		.nullable()
		.describe('Headers of every request, in place of all former ones. `null` removes them.'),
	rate_limit: endpointFields.rate_limit
		.nullable()
		.describe('Rate limit of its webhooks. `null` removes it.'),
});

/** `PATCH /endpoints/{id}`. */
export function changeRoute(app: App, api: ApiWith<'endpoints'>): void {
	app.patch(
		'/endpoints/:id',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Change an endpoint',
				tags: TAGS,
				params: paramsSchema,
				body: changeSchema,
				description:
					'A URL of another origin is another receiver: the endpoint gets a new secret, which the answer shows once, and loses its headers.',
				response: { 200: newEndpointSchema },
			},
		},
		async ({ params, body, apiKey }) => {
			const { name, url, events, default: isDefault, signature_input, ack, retry } = body;
			const { batch, report_type, headers, rate_limit } = body;
			const { id, url: before, profile } = await findChangeable(params.id, api);
			refuseSettings(profile, body);
			if (url !== undefined && url !== before) await refuseUrl(url, apiKey, api);
			let secret: string | undefined;
			const endpoint = await storeChange(id, api, (found) => {
				const known = forOrigin(found, url ?? found.url);
				const { batch: batchNow, headers: headersNow, rateLimit: rateNow, ...now } = known;
				secret = now.secret === found.secret ? undefined : now.secret;
				return {
					...now,
					...field('batch', batch, batchNow, toBatch),
					...field('headers', headers, headersNow, (wanted) => wanted),
					...field('rateLimit', rate_limit, rateNow, toRate),
					reportType: report_type ?? now.reportType,
					name: name ?? now.name,
					url: url ?? now.url,
					...eventsOf(now, events),
					isDefault: isDefault ?? now.isDefault,
					signatureInput: signature_input ?? now.signatureInput,
					ack: ack ?? now.ack,
					policy:
						retry === undefined ? now.policy : withRules(api.webhookPolicy(now.profile), retry),
					// Another URL starts a new health record.
					...(url !== undefined && url !== now.url ? withCleanRecord(now, api) : {}),
				};
			});
			api.wake();
			return { ...toAnswer(endpoint, api, apiKey), ...(secret === undefined ? {} : { secret }) };
		},
	);
}

/**
 * The endpoint at another URL. Its headers and secrets were given for its former origin (RFC 6454): another origin must
 * not receive them.
 */
function forOrigin(endpoint: Endpoint, url: string): Endpoint {
	if (new URL(url).origin === new URL(endpoint.url).origin) return endpoint;
	const { headers: _headers, previousSecrets: _former, secret, ...kept } = endpoint;
	return { ...kept, ...(secret === undefined ? {} : { secret: newSecret() }) };
}

/** The event types of a changed endpoint: those that the caller names or has named, else the profile's current ones. */
function eventsOf(
	{ profile, events, hasDefaultEvents = false }: Endpoint,
	wanted: Endpoint['events'] | undefined,
): Pick<Endpoint, 'events' | 'hasDefaultEvents'> {
	if (wanted) return { events: wanted, hasDefaultEvents: false };
	return hasDefaultEvents
		? { events: PROFILES[profile].defaultEvents, hasDefaultEvents }
		: { events };
}

/** An optional setting after a PATCH: left out, it stays; null removes it. */
function field<Name extends string, Wanted, Setting>(
	name: Name,
	wanted: Wanted | null | undefined,
	before: Setting | undefined,
	read: (wanted: Wanted) => Setting,
): Partial<Record<Name, Setting>> {
	const value = wanted === undefined ? before : wanted === null ? undefined : read(wanted);
	// The computed key is all that it has.
	return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Setting>>;
}
