import { PROFILES } from '@sureping/engine';
import { withFormerSecrets } from '../../../former-secrets.ts';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { Problem } from '../../problem.ts';
import { newEndpointSchema } from '../../response-schemas.ts';
import { toAnswer } from './answer.ts';
import { findChangeable } from './find.ts';
import { newSecret } from './new-secret.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';
import { storeChange } from './store-change.ts';

/** `POST /endpoints/{id}/rotate-secret`. */
export function rotateSecretRoute(app: App, api: ApiWith<'endpoints'>): void {
	app.post(
		'/endpoints/:id/rotate-secret',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Give an endpoint a new secret',
				description:
					'For 24 hours the former secrets sign as well: sureping and one-ping in the header X-Sureping-Former-Signature, standard-webhooks in its list of signatures. Other formats have room for one signature only.',
				tags: TAGS,
				params: paramsSchema,
				response: { 200: newEndpointSchema },
			},
		},
		async ({ params, apiKey }) => {
			const { id, profile } = await findChangeable(params.id, api);
			if (PROFILES[profile].secret === 'none') {
				throw new Problem(409, `${profile} does not sign, so there is no secret to rotate`);
			}
			const secret = newSecret();
			const at = api.clock.now();
			const endpoint = await storeChange(id, api, (now) => ({
				...now,
				...withFormerSecrets(now, secret, at),
			}));
			return { ...toAnswer(endpoint, api, apiKey), secret };
		},
	);
}
