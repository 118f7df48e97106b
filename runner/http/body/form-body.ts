import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { Problem } from '../problem.ts';
import { readBody } from './read-body.ts';

/** Bytes of a form: more than its buttons need. */
const MOST_BYTES = 1_024;

/** Reads the bodies of HTML forms, for the scope of `app` alone. An empty body of any type is an empty form. */
export function readForms(app: App): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
		const bytes = await readBody(payload, request.raw, MOST_BYTES);
		if (bytes.length === 0) return {};
		const type = request.headers['content-type'] ?? '';
		if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
			throw new Problem(415, 'A body must be a form (application/x-www-form-urlencoded)');
		}
		return fieldsOf(new URLSearchParams(bytes.toString()));
	});
	// A request without a content type has no body to parse.
	app.addHook('preValidation', async (request) => {
		request.body ??= {};
	});
}

/** The fields of a form. A name may come once. */
function fieldsOf(form: URLSearchParams): Record<string, string> {
	const fields = new Map(form);
	if (fields.size < form.size) throw new Problem(400, 'The form has a field twice');
	return Object.fromEntries(fields);
}
