import { type Contact, contactBodySchema, contactSchema } from '@sureping/engine';
import type { z } from 'zod/v4';
import type { App } from '../app.ts';
import { CONTACT } from '../directory/entry-kinds.ts';
import { entryRoutes, type Shown } from '../directory/entry-routes.ts';
import { shownAddress } from '../directory/masked-address.ts';
import type { DirectoryApi } from '../directory/store-entries.ts';
import { contactAnswerSchema } from '../response-schemas.ts';

const createSchema = contactBodySchema.extend({
	id: contactSchema.shape.id.optional().meta({
		description: 'Id of the contact, by which others name it. Default: one that the runner makes.',
		examples: ['anna'],
	}),
});

/** People who can be told and paged. */
export function contactRoutes(app: App, api: DirectoryApi): void {
	entryRoutes(app, api, {
		kind: CONTACT,
		path: '/contacts',
		about: {
			list: 'Those of the config file and those of the API. Only keys with the scope manage see whole addresses.',
			remove:
				'Answered 409 while an on-call, a policy, or an incident that is open or acknowledged names the contact; the answer says which.',
		},
		createSchema,
		toEntry: ({ id = api.newId('ct'), ...fields }): Contact => ({ id, ...fields }),
		entrySchema: contactSchema,
		changeable: contactBodySchema.shape,
		answerSchema: contactAnswerSchema,
		factsOf: async () => undefined,
		toAnswer,
	});
}

function toAnswer({
	entry: { addresses, ...contact },
	source,
	apiKey,
}: Shown<Contact, undefined>): z.infer<typeof contactAnswerSchema> {
	return {
		...contact,
		addresses: addresses.map((one) => ({ ...one, address: shownAddress(one.address, apiKey) })),
		source,
	};
}
