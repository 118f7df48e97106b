import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { allowedMethods } from './allowed-methods.ts';
import { BrokenRow, ReadsBusy, StoreUnavailable } from '../store/contract/errors.ts';
import type { App } from './app.ts';
import { busy, damaged, isProblemStatus, Problem, PROBLEM_TYPE, unavailable } from './problem.ts';

/** Makes every error answer a problem document, whatever part of the server found the problem. */
export function answerWithProblems(app: App, log: Logger): UnknownPath {
	app.setErrorHandler<FastifyError | Problem | BrokenRow>((error, _request, reply) => {
		const problem = toProblem(error);
		// A list that is refused for a moment is no fault, and a client that asks for hundreds at once causes hundreds.
		const isFault = problem.status >= 500 && !(error instanceof ReadsBusy);
		if (isFault || error instanceof BrokenRow) {
			log.error({ err: error }, 'a request failed');
		}
		return sendProblem(reply, problem);
	});
	const methodsOn = allowedMethods(app);
	const unknownPath: UnknownPath = ({ method, url }) => {
		const allowed = methodsOn(url);
		if (allowed.length === 0) return new Problem(404, 'There is no such path');
		const allow = allowed.join(', ');
		return new Problem(405, `This path takes ${allow}, not ${method}`, [], {}, { allow });
	};
	app.setNotFoundHandler((request, reply) => sendProblem(reply, unknownPath(request)));
	// Node's own answer to an `Expect` that is not 100-continue has no body (RFC 9110 §10.1.1).
	app.server.on('checkExpectation', (_request, response) => {
		const problem = new Problem(417, 'The only supported expectation is 100-continue');
		response.writeHead(problem.status, { 'content-type': PROBLEM_TYPE, connection: 'close' });
		response.end(JSON.stringify(problem.toDocument()));
	});
	return unknownPath;
}

/** The problem with a request that no route takes: 404 or 405. */
type UnknownPath = (request: Pick<FastifyRequest, 'method' | 'url'>) => Problem;

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
	// Fastify closes the connection where it stopped reading a body. A connection that is closed with bytes unread is reset,
	// and the client loses the answer (RFC 9112 §9.6). So the rest is read and dropped, within the limit of `ClientConnections`.
	reply.removeHeader('connection');
	return reply
		.code(problem.status)
		.headers(problem.headers)
		.type(PROBLEM_TYPE)
		.send(problem.toDocument());
}

/** Fastify's code for a content type that no parser reads, or that is invalid. */
const NO_PARSER = 'FST_ERR_CTP_INVALID_MEDIA_TYPE';

/** For clients such as curl, which declares the data of `-d` to be a form. */
function notJsonType(): Problem {
	return new Problem(415, 'A body must be JSON, sent with "Content-Type: application/json"');
}

/** The problem for an error. Fastify's own refusals carry a status and a message; anything unknown is a 500. */
export function toProblem(error: FastifyError | Error): Problem {
	if (error instanceof Problem) return error;
	if (error instanceof StoreUnavailable) return unavailable(error);
	if (error instanceof ReadsBusy) return busy(error);
	if (error instanceof BrokenRow) return damaged();
	if ('code' in error && error.code === NO_PARSER) return notJsonType();
	const status = ('statusCode' in error ? error.statusCode : undefined) ?? 500;
	if (status < 400 || status >= 500)
		return new Problem(
			500,
			'An internal error occurred and nothing was stored; see the log of the runner',
		);
	return new Problem(isProblemStatus(status) ? status : 400, error.message);
}
