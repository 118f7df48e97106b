import { isProblemStatus } from '../problem.ts';
import { STATUS_PHRASES } from '../status-phrases.ts';
import type { Operation, Response, Schema } from './document.ts';

/** Errors that only some calls have. */
const OWN_ERRORS: Readonly<Record<string, readonly number[]>> = {
	'post /send': [409],
	'get /events': [410],
	'get /operational-events': [410],
	'post /endpoints': [409],
	'patch /endpoints/{id}': [409],
	'post /contacts': [409],
	'patch /contacts/{id}': [409],
	'delete /contacts/{id}': [409],
	'post /on-call': [409],
	'patch /on-call/{name}': [409],
	'delete /on-call/{name}': [409],
	'post /on-call/{name}/overrides': [409],
	'post /policies': [409],
	'patch /policies/{name}': [409],
	'delete /policies/{name}': [409],
	'post /endpoints/{id}/replay': [410],
	'post /notifications/{id}/cancel': [409],
	'post /replays/{id}/cancel': [409],
	'post /incidents/{id}/acknowledge': [409],
	'post /incidents/{id}/resolve': [409],
	'post /incidents/{id}/escalate': [409],
	'post /webhook-deliveries/{id}/retry': [409],
	'post /dead-letters/{id}/retry': [409],
	'post /reports/{id}/forward': [409],
	'get /notifications/{id}': [409],
	'get /webhook-deliveries/{id}': [409],
	'get /reports/{id}': [409],
};

const PROBLEM = {
	'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** The component that every error answer refers to. */
export function errorResponse(status: number): Response {
	const description = isProblemStatus(status) ? STATUS_PHRASES[status] : String(status);
	return { description, content: PROBLEM };
}

export const PROBLEM_SCHEMA: Schema = {
	type: 'object',
	description: 'What is wrong, as a problem document (RFC 9457). "message" repeats "detail".',
	required: ['type', 'title', 'status', 'detail', 'message'],
	properties: {
		type: { type: 'string' },
		title: { type: 'string' },
		status: { type: 'integer' },
		detail: { type: 'string' },
		message: { type: 'string' },
		errors: {
			type: 'array',
			items: {
				type: 'object',
				required: ['path', 'message'],
				properties: { path: { type: 'string' }, message: { type: 'string' } },
			},
		},
	},
};

/** Statuses of the errors that a call may answer, by what it takes. */
export function errorsOf(operation: Operation, method: string, path: string): readonly number[] {
	const isOpen = operation.security?.length === 0;
	const isInbound = path.startsWith('/inbound');
	const found = new Set([
		...(isOpen && !isInbound ? [] : [401, 429]),
		...(isOpen ? [] : [403]),
		...(path.includes('{') ? [404] : []),
		...(operation.requestBody ? [400, 413, 415, 422] : []),
		...((operation.parameters ?? []).some((one) => one.in === 'query') ? [422] : []),
		...(OWN_ERRORS[`${method} ${path}`] ?? []),
		...(path === '/healthz' || path === '/' ? [421] : [503]),
	]);
	// A call without a key is refused for a foreign Host.
	if (isOpen) found.add(421);
	return [...found].sort((a, b) => a - b);
}
