import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { App } from './app.ts';
import { refuseForeignHosts } from './foreign-hosts.ts';
import { LIMITS, SERVER_OPTIONS } from './limits.ts';
import { Problem } from './problem.ts';
import { sendProblem, toProblem } from './problem-answers.ts';

export interface StandbyOptions {
	readonly publicUrl: string | undefined;
	readonly hosts: readonly string[];
	/** The work that the runner has to end first, as in "migrating: 3 of 10 rows". */
	readonly underWay: () => string;
}

/** Seconds until it is worth asking again. */
const RETRY_AFTER = { 'retry-after': '5' };

/** Answers in place of a runner that is still starting: it is alive, and takes nothing yet. */
export function createStandby({ publicUrl, hosts, underWay }: StandbyOptions): App {
	const app = fastify({
		...SERVER_OPTIONS,
		// A client that is slow to send or to read must not hold up the runner.
		forceCloseConnections: true,
		frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error)),
	}).withTypeProvider<ZodTypeProvider>();
	app.server.maxConnections = LIMITS.connections;
	app.setErrorHandler<Error>((error, _request, reply) => sendProblem(reply, toProblem(error)));
	refuseForeignHosts(app, publicUrl, hosts);
	app.get('/healthz', async () => ({ status: 'ok' }));
	app.get('/readyz', async () => {
		throw new Problem(503, underWay(), [], {}, RETRY_AFTER);
	});
	// Before a body is read.
	app.addHook('onRequest', async ({ is404 }) => {
		if (!is404) return;
		const detail = `The runner is starting (${underWay()}); nothing was stored. Send the request again later`;
		throw new Problem(503, detail, [], {}, RETRY_AFTER);
	});
	return app;
}
