import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Api } from './api.ts';
import { isProblemStatus, Problem, PROBLEM_TYPE } from './problem.ts';
import { connectionRoutes } from './routes/connections.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { sendRoute } from './routes/send.ts';

const MOST_BODY_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export function createServer(api: Api): FastifyInstance {
	const app = fastify({
		bodyLimit: MOST_BODY_BYTES,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionTimeout: 2 * REQUEST_TIMEOUT_MS,
		// Keep-alive connections would otherwise hold up a shutdown.
		forceCloseConnections: 'idle',
		routerOptions: { maxParamLength: 128 },
	});
	// JSON is all that is taken; anything else is answered 415.
	app.removeContentTypeParser('text/plain');
	app.setErrorHandler<FastifyError>((error, _request, reply) => {
		const problem = toProblem(error);
		if (problem.status >= 500) api.log.error({ err: error }, 'a request met a fault');
		return reply.code(problem.status).type(PROBLEM_TYPE).send(problem.toDocument());
	});
	app.setNotFoundHandler((request, reply) => {
		const problem = new Problem(404, `There is no ${request.method} on this path`);
		return reply.code(404).type(PROBLEM_TYPE).send(problem.toDocument());
	});
	sendRoute(app, api);
	notificationRoutes(app, api);
	eventRoutes(app, api);
	endpointRoutes(app, api);
	connectionRoutes(app, api);
	healthRoutes(app, api);
	return app;
}

/** Fastify's own refusals carry a status and a message that names nothing of ours; anything else is our fault. */
function toProblem(error: FastifyError | Problem): Problem {
	if (error instanceof Problem) return error;
	const status = error.statusCode ?? 500;
	if (status < 400 || status >= 500) return new Problem(500, 'Nothing was recorded; see the log');
	return new Problem(isProblemStatus(status) ? status : 400, error.message);
}
