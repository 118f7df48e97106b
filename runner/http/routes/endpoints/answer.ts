import { closedUntil, type EndpointHealth, isoTime } from '@sureping/engine';
import type { z } from 'zod/v4';
import type { ApiKey } from '../../../config/config.ts';
import type { Endpoint } from '../../../store/contract/endpoints.ts';
import type { Api } from '../../api.ts';
import type { endpointSchema } from '../../response-schemas.ts';
import { shownUrl } from '../../shown-url.ts';

/** An endpoint as answers show it to a key. */
export function toAnswer(
	endpoint: Endpoint,
	api: Pick<Api, 'clock' | 'healthOf'>,
	apiKey: ApiKey,
): z.infer<typeof endpointSchema> {
	const { batch, rateLimit, headers, previousSecrets = [], health } = endpoint;
	const now = api.clock.now();
	const former = previousSecrets.filter(({ until }) => until > now);
	return {
		id: endpoint.id,
		name: endpoint.name,
		url: shownUrl(endpoint.url, apiKey),
		profile: endpoint.profile,
		events: [...endpoint.events],
		default: endpoint.isDefault,
		signature_input: endpoint.signatureInput,
		ack: endpoint.ack,
		...(batch ? { batch: { max_events: batch.maxEvents, max_wait_ms: batch.maxWaitMs } } : {}),
		...(rateLimit
			? { rate_limit: { max: rateLimit.max, window_s: rateLimit.windowMs / 1000 } }
			: {}),
		...(headers ? { header_names: Object.keys(headers) } : {}),
		...(former.length > 0
			? { former_secrets_until: former.map(({ until }) => isoTime(until)) }
			: {}),
		...(endpoint.profile === 'otpiq' ? { report_type: endpoint.reportType } : {}),
		status: endpoint.status,
		...(endpoint.status === 'disabled' && health?.disabled
			? { disabled_reason: health.disabled }
			: {}),
		health: healthToAnswer(api.healthOf(endpoint), now),
		created_at: isoTime(endpoint.createdAt),
		...(endpoint.expiresAt === undefined ? {} : { expires_at: isoTime(endpoint.expiresAt) }),
	};
}

function healthToAnswer(
	health: EndpointHealth,
	now: number,
): z.infer<typeof endpointSchema>['health'] {
	const { failures, failingSince, probeAt } = health;
	const paused = Math.max(closedUntil(health), probeAt ?? 0);
	return {
		consecutive_failures: failures,
		...(failingSince === undefined ? {} : { failing_since: isoTime(failingSince) }),
		...(paused > now ? { paused_until: isoTime(paused) } : {}),
		breaker: probeAt === undefined ? 'closed' : 'open',
	};
}
