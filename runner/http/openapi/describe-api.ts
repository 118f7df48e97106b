import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { VERSION } from '../../version.ts';
import type { App } from '../app.ts';
import { completeDescription } from './complete-description.ts';
import { docsPage } from './docs-page.ts';

const TAGS = [
	{ name: 'Notifications', description: 'Sending, and following what was sent' },
	{ name: 'Events', description: 'The feed of delivery events, and operational events' },
	{ name: 'Incidents', description: 'Escalations until somebody answers' },
	{ name: 'Endpoints', description: 'URLs that receive events as webhooks' },
	{ name: 'Channels', description: 'Channels and their connections' },
	{
		name: 'Escalation',
		description: 'Those who are paged until somebody answers: contacts, on-call, policies',
	},
	{ name: 'Inbound', description: 'Delivery reports of providers' },
	{ name: 'Operation', description: 'Health, metrics and dead letters' },
];

/** `/openapi.json` from the routes' own schemas, and `/docs` to browse it and try it out. */
export async function describeApi(app: App): Promise<void> {
	await app.register(swagger, {
		openapi: {
			openapi: '3.1.0',
			info: {
				title: 'Sureping',
				description:
					'Sends notifications durably, with retry and fallback, and reports every step. Errors are problem documents (RFC 9457).',
				version: VERSION,
				license: { name: 'MIT', identifier: 'MIT' },
			},
			servers: [{ url: '/', description: 'This runner' }],
			tags: TAGS,
			components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
			security: [{ apiKey: [] }],
		},
		transform(input) {
			const { schema, url } = jsonSchemaTransform(input);
			// A route without scopes needs no key.
			const isOpen = input.route.config?.scopes === undefined;
			return { schema: isOpen ? { ...schema, security: [] } : schema, url };
		},
	});
	docsPage(app);
	// Written once: it is large, needs no key and never changes while the runner runs.
	let document: Buffer | undefined;
	app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
		document ??= Buffer.from(JSON.stringify(describe(app)));
		return await reply.type('application/json; charset=utf-8').send(document);
	});
}

function describe(app: App): object {
	// A copy as plain JSON, since swagger keeps its own object. It is OpenAPI 3.1, as set above.
	const document = JSON.parse(JSON.stringify(app.swagger())) as Parameters<
		typeof completeDescription
	>[0];
	return completeDescription(document);
}
