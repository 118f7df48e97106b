import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from './api.ts';
import { problemSchema } from './schemas.ts';

/** Fastify's own bar, with a field for other descriptions, says nothing about this API. */
const CSS = '.swagger-ui .topbar { display: none }';

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
				version: '0.1.0',
				license: { name: 'MIT' },
			},
			components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
			security: [{ apiKey: [] }],
		},
		transform: jsonSchemaTransform,
	});
	await app.register(swaggerUi, {
		routePrefix: '/docs',
		theme: { title: 'Sureping API', css: [{ filename: 'sureping.css', content: CSS }] },
		uiConfig: { docExpansion: 'list', tryItOutEnabled: true, persistAuthorization: true },
	});
	app.addHook('onRoute', ({ schema }) => {
		if (schema?.tags) schema.response = { '4xx': problemSchema, ...asObject(schema.response) };
	});
	app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
