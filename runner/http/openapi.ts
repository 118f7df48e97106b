import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { VERSION } from '../version.ts';
import type { App } from './api.ts';
import { docsPage } from './docs-page.ts';
import { problemSchema } from './schemas.ts';

const asObject = (value: unknown): object =>
	typeof value === 'object' && value !== null ? value : {};

/** `/openapi.json` from the routes' own schemas, and `/docs` to browse it and try it out. */
export async function describeApi(app: App): Promise<void> {
	await app.register(swagger, {
		openapi: {
			openapi: '3.1.0',
			info: {
				title: 'Sureping',
				description:
					'Sends notifications durably, with retry and fallback, and reports every step. What is wrong with a request comes back as a problem document (RFC 9457).',
				version: VERSION,
				license: { name: 'MIT' },
			},
			components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
			security: [{ apiKey: [] }],
		},
		transform: jsonSchemaTransform,
	});
	app.addHook('onRoute', ({ schema }) => {
		if (schema?.tags) schema.response = { '4xx': problemSchema, ...asObject(schema.response) };
	});
	docsPage(app);
	// Written once: it is large, needs no key, and never changes while the runner runs.
	let document: Buffer | undefined;
	app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
		document ??= Buffer.from(JSON.stringify(app.swagger()));
		return await reply.type('application/json; charset=utf-8').send(document);
	});
}
