import fastify, { type FastifyError } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod/v4';
import type { Api, App } from './api.ts';
import { createAuthenticate } from './auth.ts';
import { describeApi } from './openapi.ts';
import { check, isProblemStatus, Problem, PROBLEM_TYPE } from './problem.ts';
import { connectionRoutes } from './routes/connections.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { replayRoutes } from './routes/replays.ts';
import { sendRoutes } from './routes/send.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';

const MOST_BODY_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export async function createServer(api: Api): Promise<App> {
	const app = fastify({
		bodyLimit: MOST_BODY_BYTES,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionTimeout: 2 * REQUEST_TIMEOUT_MS,
		// Keep-alive connections would otherwise hold up a shutdown.
		forceCloseConnections: 'idle',
		routerOptions: { maxParamLength: 128 },
	}).withTypeProvider<ZodTypeProvider>();
	// JSON is all that is taken; anything else is answered 415.
	app.removeContentTypeParser('text/plain');
	app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => ({ value: check(schema, value) }));
	// Response schemas describe the API. Answers are made to fit them by their types.
	app.setSerializerCompiler(() => (value) => JSON.stringify(value));
	app.setErrorHandler<FastifyError | Problem>((error, _request, reply) => {
		const problem = toProblem(error);
		if (problem.status >= 500) api.log.error({ err: error }, 'a request met a fault');
		return reply.code(problem.status).type(PROBLEM_TYPE).send(problem.toDocument());
	});
	app.setNotFoundHandler((request, reply) => {
		const problem = new Problem(404, `There is no ${request.method} on this path`);
		return reply.code(404).type(PROBLEM_TYPE).send(problem.toDocument());
	});
	authenticateRoutes(app, api);
	measureRequests(app, api);
	await describeApi(app);
	sendRoutes(app, api);
	notificationRoutes(app, api);
	eventRoutes(app, api);
	endpointRoutes(app, api);
	replayRoutes(app, api);
	webhookDeliveryRoutes(app, api);
	connectionRoutes(app, api);
	healthRoutes(app, api);
	return app;
}

/** Before the body is read: who may not call gets nothing done. */
function authenticateRoutes(app: App, { apiKeys }: Api): void {
	const authenticate = createAuthenticate(apiKeys);
	app.decorateRequest('apiKey');
	app.addHook('onRequest', async (request) => {
		const { scopes } = request.routeOptions.config;
		if (scopes) request.apiKey = authenticate(request, ...scopes);
	});
}

function measureRequests(app: App, { metrics }: Api): void {
	app.addHook('onResponse', async (request, reply) => {
		const { method, routeOptions } = request;
		const labels = {
			method,
			// The pattern, not the path: paths are endless.
			route: routeOptions.url ?? 'none',
			status_code: reply.statusCode,
		};
		metrics.requests.observe(labels, reply.elapsedTime / 1000);
	});
}

/** Fastify's own refusals carry a status and a message that names nothing of ours; anything else is our fault. */
function toProblem(error: FastifyError | Problem): Problem {
	if (error instanceof Problem) return error;
	const status = error.statusCode ?? 500;
	if (status < 400 || status >= 500) return new Problem(500, 'Nothing was recorded; see the log');
	return new Problem(isProblemStatus(status) ? status : 400, error.message);
}
