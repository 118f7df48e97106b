import { type HttpRequest, PROFILE_IDS, PROFILES, WEBHOOK_RETRY } from '@sureping/engine';
import fc from 'fast-check';
import { withFormerSecrets } from '../../runner/former-secrets.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import { postEvents } from '../../runner/workers/post-events.ts';
import { anyEvent } from '../support/any-event.ts';

const ROTATED_AT = Date.parse('2026-01-01T00:00:00Z');
const DAY = 24 * 3600_000;
const [event] = fc.sample(anyEvent, { numRuns: 1, seed: 1 });
const signing = PROFILE_IDS.filter((id) => PROFILES[id].signsWithFormer);

function endpointOf(profile: Endpoint['profile']): Endpoint {
	return {
		id: 'ep_1',
		name: 'one',
		url: 'https://example.com/',
		profile,
		secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
		events: [],
		isDefault: false,
		status: 'enabled',
		signatureInput: 'timestamped',
		reportType: 'all',
		ack: '2xx',
		policy: WEBHOOK_RETRY,
		source: 'config',
		createdAt: 0,
	};
}

/** The request that goes out at `now`. */
async function posted(endpoint: Endpoint, now: number): Promise<HttpRequest> {
	const requests: HttpRequest[] = [];
	const http = async (request: HttpRequest) => {
		requests.push(request);
		return { status: 200, headers: {}, body: '' };
	};
	await postEvents([event!], endpoint, { trusted: http, guarded: http }, now);
	return requests[0]!;
}

describe('a secret that was rotated', () => {
	it('is one that some formats sign with for a while', () => {
		expect(signing.length).toBeGreaterThan(1);
	});

	it.each(signing)(
		'signs for a day beside the new one, and not a moment longer: %s',
		async (id) => {
			const before = endpointOf(id);
			const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
			const rotated = { ...before, ...withFormerSecrets(before, secret, ROTATED_AT) };
			const alone = { ...before, secret };
			const last = ROTATED_AT + DAY - 1;
			expect(await posted(rotated, last)).not.toEqual(await posted(alone, last));
			expect(await posted(rotated, last + 1)).toEqual(await posted(alone, last + 1));
		},
	);
});
