import { policyBodySchema, policySchema } from '@sureping/engine';
import type { App } from '../app.ts';
import { POLICY } from '../directory/entry-kinds.ts';
import { entryRoutes } from '../directory/entry-routes.ts';
import type { DirectoryApi } from '../directory/store-entries.ts';
import { policyAnswerSchema } from '../response-schemas.ts';

/** Escalation policies. */
export function policyRoutes(app: App, api: DirectoryApi): void {
	entryRoutes(app, api, {
		kind: POLICY,
		path: '/policies',
		about: {
			list: 'Those of the config file and those of the API.',
			create: 'Incidents keep the policy as it was when they opened: a change affects later ones.',
			remove: 'Answered 409 while an incident that is open or acknowledged has the policy.',
		},
		createSchema: policySchema,
		toEntry: (policy) => policy,
		entrySchema: policySchema,
		changeable: policyBodySchema.shape,
		answerSchema: policyAnswerSchema,
		factsOf: async () => undefined,
		toAnswer: ({ entry, source }) => ({ ...entry, source }),
	});
}
