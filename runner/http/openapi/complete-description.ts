import {
	type Document,
	type Media,
	METHODS,
	type Operation,
	type Parameter,
	type Response,
	type Schema,
} from './document.ts';
import { errorResponse, errorsOf, PROBLEM_SCHEMA } from './error-answers.ts';
import { EXAMPLES } from './examples.ts';
import { operationId } from './operation-id.ts';
import { PARAMETERS } from './parameters.ts';

const IDEMPOTENCY_KEY: Parameter = {
	name: 'Idempotency-Key',
	in: 'header',
	description: 'Sends with the same key and the same body are stored once within 24 hours.',
	schema: { type: 'string', minLength: 1, maxLength: 256 },
	example: 'order-1042-paid',
};

/** A query is text, so the route's schema has the limit as text; it means a number. */
const LIMIT: Schema = { type: 'integer', minimum: 1, maximum: 1000, default: 100 };

/**
 * Completes the description for generators and linters: every operation and every body has a name, every error its
 * status and its content type, and an example is what a person would send.
 */
export function completeDescription(document: Document): object {
	const schemas: Record<string, Schema> = { Problem: PROBLEM_SCHEMA };
	const responses: Record<string, Response> = {};
	const known = new Map<string, string>();
	/** Equal bodies share the name of the first. */
	const named = (schema: Schema, name: string): { $ref: string } => {
		const text = JSON.stringify(schema);
		const first = known.get(text) ?? name;
		known.set(text, first);
		schemas[first] = schema;
		return { $ref: `#/components/schemas/${first}` };
	};
	for (const [path, item] of Object.entries(document.paths ?? {})) {
		for (const method of METHODS) {
			const operation = item?.[method];
			if (!operation) continue;
			const id = operationId(method, path);
			operation.operationId = id;
			const title = id.charAt(0).toUpperCase() + id.slice(1);
			completeParameters(operation, method, path);
			nameBodies(operation, title, named);
			describeSuccess(operation);
			const example = EXAMPLES[`${method} ${path}`];
			const media = bodyOf(operation);
			if (media && example !== undefined) media.example = example;
			// Swagger's default, where a route does not describe its answer.
			if (path === '/metrics') delete operation.responses.default;
			if (path === '/metrics') operation.responses['200'] = METRICS;
			for (const status of errorsOf(operation, method, path)) {
				responses[status] = errorResponse(status);
				operation.responses[status] = { $ref: `#/components/responses/${status}` };
			}
		}
	}
	describeBatch(schemas);
	withoutPatterns(document.paths);
	withoutPatterns(schemas);
	return { ...document, components: { ...document.components, schemas, responses } };
}

const METRICS: Response = {
	description: 'Prometheus text format',
	content: { 'text/plain': { schema: { type: 'string' } } },
};

function completeParameters(operation: Operation, method: string, path: string): void {
	for (const parameter of operation.parameters ?? []) {
		Object.assign(parameter, PARAMETERS[parameter.name]);
		if (parameter.in === 'query' && parameter.name === 'limit') {
			parameter.schema = LIMIT;
		}
	}
	if (method === 'post' && path === '/send') {
		operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY];
	}
}

function bodyOf({ requestBody }: Operation): Media | undefined {
	return requestBody?.content['application/json'];
}

function nameBodies(
	operation: Operation,
	title: string,
	named: (schema: Schema, name: string) => { $ref: string },
): void {
	const body = bodyOf(operation);
	if (body?.schema && !('$ref' in body.schema)) body.schema = named(body.schema, `${title}Request`);
	for (const response of Object.values(operation.responses)) {
		const media = response.content?.['application/json'];
		if (media?.schema && !('$ref' in media.schema)) {
			media.schema = named(media.schema, `${title}Answer`);
		}
	}
}

const SUCCESSES: Readonly<Record<string, string>> = {
	'200': 'Success',
	'201': 'Created',
	'202': 'Accepted: stored, and processed from now on',
	'204': 'Removed',
};

function describeSuccess({ responses }: Operation): void {
	for (const [status, response] of Object.entries(responses)) {
		const description = SUCCESSES[status];
		if (description !== undefined) response.description = description;
	}
}

/** Sends of a batch are checked one by one, each as the body of `POST /send`, so the route's own schema leaves them open. */
function describeBatch(schemas: Record<string, Schema>): void {
	const batch = schemas.SendBatchRequest;
	const properties = batch?.properties;
	if (typeof properties !== 'object' || properties === null || !('sends' in properties)) return;
	if (typeof properties.sends !== 'object') return;
	const sends = { ...properties.sends, items: { $ref: '#/components/schemas/SendRequest' } };
	schemas.SendBatchRequest = { ...batch, properties: { ...properties, sends } };
}

/**
 * Removes patterns beside a format: they add nothing, and pages make examples from them, such as times of the year
 * 4012.
 */
function withoutPatterns(value: unknown): void {
	if (typeof value !== 'object' || value === null) return;
	if ('format' in value && 'pattern' in value) delete value.pattern;
	for (const below of Object.values(value)) withoutPatterns(below);
}
