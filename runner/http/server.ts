import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod/v4';
import type { Api } from './api.ts';
import type { App } from './app.ts';
import { refuseAmbiguousHeaders } from './ambiguous-headers.ts';
import { AnswerBudget } from './answer-budget.ts';
import { authenticateRoutes } from './auth.ts';
import { ClientConnections } from './client-connections.ts';
import { refuseForeignHosts } from './foreign-hosts.ts';
import { sendInChunks } from './chunked-answers.ts';
import { readJsonBodies } from './body/json-body.ts';
import { LIMITS, SERVER_OPTIONS } from './limits.ts';
import { describeApi } from './openapi/describe-api.ts';
import { check } from './problem.ts';
import { answerWithProblems, sendProblem, toProblem } from './problem-answers.ts';
import { createRates } from './rates.ts';
import { answerLinkRoutes } from './routes/answer-link.ts';
import { contactRoutes } from './routes/contacts.ts';
import { connectionRoutes } from './routes/connections.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { endpointRoutes } from './routes/endpoints/index.ts';
import { eventRoutes } from './routes/events.ts';
import { greetingRoute } from './routes/greeting.ts';
import { healthRoutes } from './routes/health.ts';
import { inboundRoutes } from './routes/inbound.ts';
import { incidentRoutes } from './routes/incidents/index.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { onCallRoutes } from './routes/on-call.ts';
import { policyRoutes } from './routes/policies.ts';
import { replayRoutes } from './routes/replays.ts';
import { reportRoutes } from './routes/reports.ts';
import { sendRoutes } from './routes/send.ts';
import { versionRoute } from './routes/version.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';

export async function createServer(api: Api): Promise<App> {
	const app = fastify({
		...SERVER_OPTIONS,
		// Errors of the router, before there is a route.
		frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error)),
	}).withTypeProvider<ZodTypeProvider>();
	app.server.maxConnections = LIMITS.connections;
	const unknownPath = answerWithProblems(app, api.log);
	logRoutes(app, api);
	const answers = new AnswerBudget(api.apiKeys.length > 1);
	const connections = new ClientConnections(answers.mostStall);
	connections.watch(app);
	sendInChunks(app, answers.sized);
	readJsonBodies(app, api.backpressure.counted);
	app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => ({ value: check(schema, value) }));
	// Response schemas only describe the API; the types ensure that answers match them.
	app.setSerializerCompiler(() => (value) => JSON.stringify(value));
	// Hooks that wait for nothing call back: a promise for each of them, in every request, costs more than their checks.
	app.addHook('onRequest', (request, _reply, done) => {
		refuseAmbiguousHeaders(request);
		done();
	});
	refuseForeignHosts(app, api.publicUrl, api.hosts);
	app.addHook('onRequest', (request, _reply, done) => {
		// Before the body is read, which is not used.
		if (request.is404) throw unknownPath(request);
		done();
	});
	const rates = createRates(api.rateLimit, connections);
	authenticateRoutes(app, api.apiKeys, rates);
	answers.guard(app);
	api.backpressure.guard(app);
	measureRequests(app, api);
	await describeApi(app);
	if (api.isApi) {
		sendRoutes(app, api);
		notificationRoutes(app, api);
		eventRoutes(app, api);
		endpointRoutes(app, api);
		replayRoutes(app, api);
		webhookDeliveryRoutes(app, api);
		deadLetterRoutes(app, api);
		connectionRoutes(app, api);
		incidentRoutes(app, api);
		await answerLinkRoutes(app, api, rates);
		contactRoutes(app, api);
		onCallRoutes(app, api);
		policyRoutes(app, api);
		await inboundRoutes(app, api, rates);
		reportRoutes(app, api);
	}
	greetingRoute(app);
	versionRoute(app);
	healthRoutes(app, api);
	return app;
}

/** Logs every route at level debug. */
function logRoutes(app: App, { log }: Api): void {
	const routes: string[] = [];
	app.addHook('onRoute', ({ method, url }) => {
		routes.push(...[method].flat().map((one) => `${one} ${url}`));
	});
	app.addHook('onReady', async () => log.debug({ routes }, 'these routes are served'));
}

function measureRequests(app: App, { metrics }: Api): void {
	app.addHook('onResponse', (request, reply, done) => {
		const { method, routeOptions } = request;
		const labels = {
			method,
			// The pattern, not the path: the number of paths is unlimited.
			route: routeOptions.url ?? 'none',
			status_code: reply.statusCode,
		};
		metrics.requests.observe(labels, reply.elapsedTime / 1000);
		done();
	});
}
