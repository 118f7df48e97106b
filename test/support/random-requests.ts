import fc from 'fast-check';

/** As much of an OpenAPI 3.1 document as requests are made from. */
export interface ApiDescription {
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
	readonly parameters?: readonly {
		readonly in: string;
		readonly name: string;
		readonly schema: Schema;
	}[];
	readonly requestBody?: {
		readonly content: { readonly 'application/json': { readonly schema: Schema } };
	};
}
interface Schema {
	readonly type?: string;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly anyOf?: readonly Schema[];
	readonly pattern?: string;
	readonly format?: string;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minimum?: number;
	readonly exclusiveMinimum?: number;
	readonly maximum?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly items?: Schema;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: Schema | boolean;
}

/** A path's parameter: one that the runner gave out, by its number among them, or a text that may mean nothing. */
export type Parameter = { readonly known: number } | { readonly text: string };

export interface RandomRequest {
	readonly method: string;
	/** Parts of the path in order; texts are there as they go over the wire. */
	readonly path: readonly (string | Parameter)[];
	readonly query: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | undefined;
}

/** Facts that a test knows and the description does not have. */
export interface Knowledge {
	readonly keys: { readonly valid: string; readonly others: readonly string[] };
	/** Values that are likely to be accepted, by the name of their field. */
	readonly values: Readonly<Record<string, readonly string[]>>;
	/** Items of fields that the description leaves open, by the field's name. */
	readonly items: Readonly<Record<string, Schema | undefined>>;
	/** URLs in place of every `format: uri`; nothing else is called, whatever is sent. */
	readonly urls: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Texts that broke somebody's parser, store, log or terminal. */
const HOSTILE = [
	'',
	' ',
	'\0',
	'\n\r\n',
	'\u001b[2J',
	'\u202e',
	'\ud800',
	'\udfff\ud800',
	'𝕏'.repeat(100),
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'${jndi:ldap://x}',
	'{{7*7}}',
	"'; DROP TABLE notifications; --",
	'" OR 1=1',
	'../../etc/passwd',
	'<script>alert(1)</script>',
	'%s%n%d',
	'NaN',
	'-0',
	'1e400',
	'true',
	'null',
	'undefined',
	'[object Object]',
	'x'.repeat(5_000),
	'2024-02-30T00:00:00Z',
	'9999999999999999999999',
];
const hostileText = fc.oneof(
	fc.constantFrom(...HOSTILE),
	fc.string({ unit: 'binary', maxLength: 40 }),
);

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
	hostileText,
	fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, 5e-324, 2 ** 53, [], {}, [[]], [null]),
	fc.double(),
	fc.jsonValue({ maxDepth: 4 }),
	fc.integer({ min: 1, max: 300 }).map((depth) => nested(depth)),
	fc.dictionary(hostileText, fc.jsonValue(), { maxKeys: 5 }),
);

function nested(depth: number): unknown {
	let value: unknown = 'x';
	for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
	return value;
}

/** Valid, nearly valid and hostile requests to every route that the description lists, and to some that it does not. */
export function randomRequests(
	description: ApiDescription,
	knowledge: Knowledge,
): fc.Arbitrary<RandomRequest> {
	const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({
			path,
			method: method.toUpperCase(),
			operation,
		})),
	);
	return fc.oneof(
		...operations.map(({ path, method, operation }) => {
			const schema = operation.requestBody?.content['application/json'].schema;
			const query = (operation.parameters ?? []).filter((one) => one.in === 'query');
			const arbitrary = fc.record({
				method: mostly(fc.constant(method), fc.constantFrom(...METHODS)),
				path: pathOf(path),
				query: queryOf(query, knowledge),
				headers: headersOf(knowledge, schema !== undefined),
				body: schema ? bodyOf(schema, knowledge) : seldom(20, fc.json()),
			});
			// Calls with a body have more ways to be wrong, and sends most of all.
			const weight = path === '/send' ? 12 : schema ? 3 : 1;
			return { weight, arbitrary };
		}),
	);
}

/** `rare` once in about twenty times. */
function mostly<T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
	return fc.oneof({ weight: 19, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

/** Once in that many times. */
function seldom<T>(times: number, rare: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
	return fc.oneof(
		{ weight: times - 1, arbitrary: fc.constant(undefined) },
		{ weight: 1, arbitrary: rare },
	);
}

function pathOf(pattern: string): fc.Arbitrary<(string | Parameter)[]> {
	// A replay repeats everything that happened: a few of them are enough.
	const knownWeight = pattern.endsWith('/replay') ? 1 : 20;
	const parameter: fc.Arbitrary<Parameter> = fc.oneof(
		{ weight: knownWeight, arbitrary: fc.record({ known: fc.nat(1_000) }) },
		{
			weight: 8,
			arbitrary: hostileText.map((text) => ({ text: encodeURIComponent(text.toWellFormed()) })),
		},
		{
			weight: 2,
			arbitrary: fc
				.constantFrom(
					'%',
					'%ff',
					'%00',
					'%2e%2e%2f',
					'..',
					'.',
					'%c0%af',
					';',
					'*',
					'x'.repeat(300),
				)
				.map((text) => ({ text })),
		},
	);
	const parts = pattern
		.split(/(\{[^}]+\})/)
		.filter((part) => part !== '')
		.map((part) => (part.startsWith('{') ? parameter : fc.constant(part)));
	return mostly(
		fc.tuple<(string | Parameter)[]>(...parts),
		fc.webPath().map((path) => [path || '/']),
	);
}

function queryOf(
	parameters: NonNullable<Operation['parameters']>,
	knowledge: Knowledge,
): fc.Arbitrary<string> {
	const known = parameters.map(({ name, schema }) =>
		fc.option(
			fc
				.oneof({ weight: 4, arbitrary: valueOf(schema, name, knowledge) }, hostileText)
				.map((value) => `${name}=${encodeURIComponent(String(value).toWellFormed())}`),
		),
	);
	const joined = fc.tuple(...known).map((parts) => parts.filter((part) => part !== null).join('&'));
	return mostly(
		joined,
		fc.oneof(
			fc.webQueryParameters(),
			fc.constantFrom(
				'&&&',
				'=',
				'%',
				'%ff=1',
				'limit=1&limit=2',
				'limit[]=1',
				'__proto__=1',
				'a[b]=c',
			),
		),
	);
}

function headersOf({ keys }: Knowledge, withBody: boolean): fc.Arbitrary<Record<string, string>> {
	const bearer = (key: string): string => `Bearer ${key}`;
	const latin = fc
		.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
		.filter((text) => !text.includes('\u007f'));
	return fc
		.record({
			authorization: mostly(
				fc.constant(bearer(keys.valid)),
				fc.oneof(fc.constantFrom(...keys.others.map(bearer), '', 'Bearer', 'Basic x'), latin),
			),
			'content-type': withBody
				? mostly(
						fc.constant<string | undefined>('application/json'),
						fc.oneof(
							fc.constantFrom(undefined, 'text/plain', 'application/json; charset=utf-16'),
							latin,
						),
					)
				: fc.constant(undefined),
			'idempotency-key': seldom(20, fc.oneof(fc.constantFrom('a', 'b', 'c'), latin)),
			'content-encoding': seldom(40, fc.constantFrom('gzip', 'identity', 'br')),
			expect: seldom(100, fc.constant('miracles')),
		})
		.map((headers) =>
			Object.fromEntries(
				Object.entries(headers).filter(
					(entry): entry is [string, string] => entry[1] !== undefined,
				),
			),
		);
}

/** JSON that the schema allows, the same with something changed, and anything. */
function bodyOf(schema: Schema, knowledge: Knowledge): fc.Arbitrary<string | undefined> {
	const valid = valueOf(schema, '', knowledge);
	return fc.oneof(
		{ weight: 5, arbitrary: valid.map((value) => JSON.stringify(value)) },
		{
			weight: 4,
			arbitrary: fc
				.tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 }))
				.map(([value, changes]) => JSON.stringify(changes.reduce((now, one) => one(now), value))),
		},
		{ weight: 1, arbitrary: hostileValue.map((value) => JSON.stringify(value)) },
		{ weight: 1, arbitrary: hostileText },
		{
			weight: 1,
			arbitrary: fc
				.tuple(valid, fc.nat(), hostileText)
				.map(([value, at, text]) => spliced(JSON.stringify(value), at, text)),
		},
		{
			weight: 1,
			arbitrary: fc.constantFrom(
				'[[[['.repeat(10_000),
				'{"a":'.repeat(10_000),
				`[${'0,'.repeat(20_000)}0]`,
				`{${'"a":1,'.repeat(10_000)}"b":1}`,
				'{"__proto__":{"x":1}}',
				'{"constructor":{"prototype":{"x":1}}}',
				'"\\ud800"',
				'',
			),
		},
	);
}

function spliced(text: string, at: number, more: string): string {
	const place = text.length === 0 ? 0 : at % text.length;
	return text.slice(0, place) + more + text.slice(place + 1);
}

/** Puts something else somewhere in a value, takes a member away, or adds one. */
const change: fc.Arbitrary<(value: unknown) => unknown> = fc
	.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'add'), hostileText, hostileValue)
	.map(([at, kind, name, replacement]) => (value: unknown): unknown => {
		if (typeof value !== 'object' || value === null) return replacement;
		const entries = Object.entries(value);
		const place = entries.length === 0 ? 0 : at % entries.length;
		if (kind === 'remove') entries.splice(place, 1);
		else if (kind === 'add' || entries.length === 0) entries.push([name, replacement]);
		else entries[place] = [entries[place]![0], replacement];
		return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
	});

/** A value that a schema allows, patterns and formats included, so that most values pass the first check. */
function valueOf(schema: Schema, name: string, knowledge: Knowledge): fc.Arbitrary<unknown> {
	const known = knowledge.values[name];
	if (schema.enum) return fc.constantFrom(...schema.enum);
	if (schema.const !== undefined) return fc.constant(schema.const);
	if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valueOf(one, name, knowledge)));
	switch (schema.type) {
		case 'string':
			return known
				? mostly(fc.constantFrom<unknown>(...known), textOf(schema, knowledge))
				: textOf(schema, knowledge);
		case 'boolean':
			return fc.boolean();
		case 'integer':
			return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000 });
		case 'number':
			return fc.double({
				noNaN: true,
				min: schema.minimum ?? schema.exclusiveMinimum ?? 0,
				max: Math.min(schema.maximum ?? 1_000, 10),
			});
		case 'array':
			return fc.array(valueOf(knowledge.items[name] ?? schema.items ?? {}, name, knowledge), {
				minLength: schema.minItems ?? 0,
				maxLength: Math.min(schema.maxItems ?? 3, 3),
			});
		case 'object':
			return objectOf(schema, knowledge);
		default:
			return fc.jsonValue({ maxDepth: 3 });
	}
}

function textOf(
	{ pattern, format, minLength = 0, maxLength = 30 }: Schema,
	{ urls }: Knowledge,
): fc.Arbitrary<unknown> {
	if (format === 'uri') return fc.constantFrom(...urls);
	if (format === 'date-time') {
		const years = { min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true };
		return fc.date(years).map((date) => date.toISOString());
	}
	if (pattern) return fc.stringMatching(new RegExp(pattern));
	return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 30)) });
}

function objectOf(schema: Schema, knowledge: Knowledge): fc.Arbitrary<unknown> {
	const properties = Object.entries(schema.properties ?? {}).map(
		([name, one]) => [name, valueOf(one, name, knowledge)] as const,
	);
	if (properties.length === 0) {
		const { additionalProperties } = schema;
		const value =
			typeof additionalProperties === 'object'
				? valueOf(additionalProperties, '', knowledge)
				: fc.jsonValue();
		return fc.dictionary(fc.string(), value, { maxKeys: 4 });
	}
	const members = properties.map(([name, value]) => [
		name,
		schema.required?.includes(name) ? value : seldom(4, value),
	]);
	const all: fc.Arbitrary<Record<string, unknown>> = fc.record(Object.fromEntries(members));
	return all.map((value) =>
		Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)),
	);
}
