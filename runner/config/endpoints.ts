import { PROFILES, type RequestRate, withRules } from '@sureping/engine';
import type { Batch, Endpoint } from '../store/contract/endpoints.ts';
import type { Config } from './config.ts';
import type { EndpointSettings, RateLimit } from './settings/index.ts';

/** Converts the settings of an endpoint, with the defaults of its profile. `policyOf` gives a profile's retry policy. */
export function toEndpoint(
	settings: Omit<EndpointSettings, 'secret'>,
	policyOf: Config['webhookPolicy'],
): Omit<Endpoint, 'id' | 'createdAt' | 'secret' | 'source'> {
	return {
		name: settings.name,
		url: settings.url,
		profile: settings.profile,
		events: settings.events ?? PROFILES[settings.profile].defaultEvents,
		...(settings.events ? {} : { hasDefaultEvents: true }),
		isDefault: settings.default,
		status: 'enabled',
		signatureInput: settings.signature_input,
		ack: settings.ack,
		policy: withRules(policyOf(settings.profile), settings.retry),
		reportType: settings.report_type ?? 'all',
		...(settings.batch ? { batch: toBatch(settings.batch) } : {}),
		...(settings.headers ? { headers: settings.headers } : {}),
		...(settings.rate_limit ? { rateLimit: toRate(settings.rate_limit) } : {}),
	};
}

export function toRate({ max, window_s }: RateLimit): RequestRate {
	return { max, windowMs: window_s * 1000 };
}

export function toBatch(written: NonNullable<EndpointSettings['batch']>): Batch {
	return { maxEvents: written.max_events, maxWaitMs: written.max_wait_ms };
}
