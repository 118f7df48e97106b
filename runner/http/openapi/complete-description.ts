import { isProblemStatus } from '../problem.ts';
import { EXAMPLES } from './examples.ts';
import { PARAMETERS } from './parameters.ts';
import { STATUS_PHRASES } from '../status-phrases.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Media {
	schema?: Schema;
	example?: unknown;
}

interface Response {
	description?: string;
	readonly content?: Readonly<Record<string, Media>>;
	readonly $ref?: string;
}

interface Parameter {
	readonly name: string;
	readonly in: string;
	description?: string;
	example?: unknown;
	schema: Schema;
}

interface Operation {
	operationId?: string;
	readonly security?: readonly unknown[];
	parameters?: readonly Parameter[];
	readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
	responses: Record<string, Response>;
}

/** The parts of an OpenAPI 3.1 document that are read or completed here. */
interface Document {
	readonly paths?: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
	readonly components?: object;
}

type Method = (typeof METHODS)[number];

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const PROBLEM = {
	'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** Errors that only some calls have. */
const OWN_ERRORS: Readonly<Record<string, readonly number[]>> = {
	'post /send': [409],
	'get /events': [410],
	'get /operational-events': [410],
	'post /endpoints': [409],
	'patch /endpoints/{id}': [409],
	'post /endpoints/{id}/replay': [410],
	'post /notifications/{id}/cancel': [409],
	'post /replays/{id}/cancel': [409],
	'post /webhook-deliveries/{id}/retry': [409],
	'post /dead-letters/{id}/retry': [409],
	'post /reports/{id}/forward': [409],
	'get /notifications/{id}': [409],
	'get /webhook-deliveries/{id}': [409],
	'get /reports/{id}': [409],
};

const IDEMPOTENCY_KEY: Parameter = {
	name: 'Idempotency-Key',
	in: 'header',
	description: 'The same key with the same body sends once, within 24 hours.',
	schema: { type: 'string', minLength: 1, maxLength: 256 },
	example: 'order-1042-paid',
};

/** A query is text; what it means is a number. */
const LIMIT: Schema = { type: 'integer', minimum: 1, maximum: 1000, default: 100 };

/**
 * The description as generators and linters want it: every operation and every body has a name, every error its status
 * and its content type, and an example is what a person would send.
 */
export function completeDescription(document: Document): object {
	const schemas: Record<string, Schema> = { Problem: PROBLEM_SCHEMA };
	const responses: Record<string, Response> = {};
	const known = new Map<string, string>();
	/** Of equal bodies the first one's name serves all. */
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
			// Swagger's own, where a route says nothing of its answer.
			if (path === '/metrics') delete operation.responses.default;
			if (path === '/metrics') operation.responses['200'] = METRICS;
			for (const status of errorsOf(operation, method, path)) {
				responses[status] = { description: phraseOf(status), content: PROBLEM };
				operation.responses[status] = { $ref: `#/components/responses/${status}` };
			}
		}
	}
	describeBatch(schemas);
	withoutPatterns(document.paths);
	withoutPatterns(schemas);
	return { ...document, components: { ...document.components, schemas, responses } };
}

const phraseOf = (status: number): string =>
	isProblemStatus(status) ? STATUS_PHRASES[status] : String(status);

const PROBLEM_SCHEMA: Schema = {
	type: 'object',
	description: 'What is wrong (RFC 9457). "message" repeats "detail".',
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

const METRICS: Response = {
	description: 'Prometheus text format',
	content: { 'text/plain': { schema: { type: 'string' } } },
};

/** What may be answered besides success, by what the operation takes. */
function errorsOf(operation: Operation, method: string, path: string): readonly number[] {
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
	// What anybody may ask answers no Host that is not its own.
	if (isOpen) found.add(421);
	return [...found].sort((a, b) => a - b);
}

const VERBS: Readonly<Record<string, string>> = {
	get: 'get',
	post: 'create',
	put: 'replace',
	patch: 'change',
	delete: 'remove',
};

/** `listEndpoints`, `createEndpoint`, `getEndpoint`, `rotateSecretOfEndpoint`, `send`. */
export function operationId(method: string, path: string): string {
	const parts = path.split('/').filter((part) => part !== '');
	const [first = 'root', ...more] = parts.filter((part) => !part.startsWith('{'));
	const isOne = path.includes('{');
	const verb =
		method === 'get' && !isOne && first.endsWith('s') ? 'list' : (VERBS[method] ?? method);
	if (first === 'inbound') return `${method === 'get' ? 'confirm' : 'take'}Report`;
	if (!isOne) {
		// Not of a collection: `send`, `sendBatch`.
		if (!first.endsWith('s')) return camel([...(method === 'get' ? ['get'] : []), first, ...more]);
		return camel([verb, verb === 'create' ? singular(first) : first, ...more]);
	}
	return more.length === 0
		? camel([verb, singular(first)])
		: camel([...(method === 'get' ? ['get'] : []), ...more, singular(first)]);
}

const singular = (word: string): string =>
	word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '');

const camel = (words: readonly string[]): string =>
	words
		.flatMap((word) => word.split('-'))
		.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
		.join('');

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
	'202': 'Accepted: it is stored, and the runner goes on with it',
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

/** Beside a format a pattern says nothing more, and pages make their examples from it: times of the year 4012. */
function withoutPatterns(value: unknown): void {
	if (typeof value !== 'object' || value === null) return;
	if ('format' in value && 'pattern' in value) delete value.pattern;
	for (const below of Object.values(value)) withoutPatterns(below);
}
