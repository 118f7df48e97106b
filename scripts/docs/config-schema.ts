import {
	ALL_TYPES,
	CHANNELS,
	genericRules,
	OPERATIONAL_TYPES,
	RECEIVED_TYPES,
	wantedTypeSchema,
} from '@sureping/engine';
import { z } from 'zod/v4';
import {
	configSchema,
	GENERIC_DEFAULTS,
	genericRulesSchema,
	toSnake,
} from '../../runner/config/settings/index.ts';

/** The parts of JSON Schema that describe settings. */
export interface JsonSchema {
	readonly $ref?: string;
	readonly type?: string;
	readonly description?: string;
	readonly default?: unknown;
	readonly examples?: readonly unknown[];
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly pattern?: string;
	readonly format?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly exclusiveMinimum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly maxProperties?: number;
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: boolean | JsonSchema;
	readonly items?: JsonSchema;
	readonly anyOf?: readonly JsonSchema[];
}

/** The settings of one service of a channel, such as mail over SMTP, beside those that every connection has. */
export interface ServiceSettings {
	readonly channel: string;
	/** The setting that selects the service. */
	readonly key: string;
	/** `Slack: Incoming webhook`. */
	readonly title: string;
	readonly schema: JsonSchema;
}

/** The settings of a config file; a connection has only those that all connections share. */
export function settingsSchema(): JsonSchema {
	return toJsonSchema(configSchema);
}

/** The settings of connections, by service, in the order of the channels. */
export function serviceSettings(): readonly ServiceSettings[] {
	return CHANNELS.flatMap(({ id, title: channel, services }) =>
		services.map(({ key, title, settings }) => ({
			channel: id,
			key,
			title: `${channel}: ${title}`,
			schema: toJsonSchema(settings),
		})),
	);
}

/** `config.schema.json`: the JSON Schema by which an editor completes and checks a config file. */
export function configJsonSchema(): object {
	const { properties = {}, ...whole } = settingsSchema();
	const { connections = {}, ...others } = properties;
	const entry = connections.items ?? {};
	const items = { anyOf: serviceSettings().map((service) => connectionOf(service, entry)) };
	const all = Object.keys(properties).map((name) => [
		name,
		name === 'connections' ? { ...connections, items } : others[name],
	]);
	return {
		$schema: 'http://json-schema.org/draft-07/schema#',
		title: 'Configuration of the Sureping runner',
		...orVariable({ ...whole, properties: Object.fromEntries(all) }),
		definitions: { variable: VARIABLE },
	};
}

function connectionOf({ channel, title, schema }: ServiceSettings, shared: JsonSchema): JsonSchema {
	const { name = {}, channel: id = {}, ...limits } = shared.properties ?? {};
	return {
		type: 'object',
		description: title,
		properties: {
			name,
			channel: { description: id.description ?? '', const: channel },
			...schema.properties,
			...limits,
		},
		required: ['name', 'channel', ...(schema.required ?? [])],
		additionalProperties: false,
	};
}

const VARIABLE: JsonSchema = {
	type: 'string',
	description: 'A variable of the environment, or the file that NAME_FILE names.',
	pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}',
};

const ANNOTATIONS: ReadonlySet<string> = new Set(['description', 'default', 'examples']);
const BOUNDS_OF_TEXT = ['enum', 'pattern', 'format', 'minLength', 'maxLength'] as const;

/** Lets `${NAME}` stand for every string, whatever its bounds: it is replaced before the bounds are checked. */
function orVariable(schema: JsonSchema): JsonSchema {
	const { properties, items, anyOf, additionalProperties, ...own } = schema;
	const below = {
		...own,
		...(properties ? { properties: mapValues(properties, orVariable) } : {}),
		...(items ? { items: orVariable(items) } : {}),
		...(anyOf ? { anyOf: anyOf.map(orVariable) } : {}),
		...(additionalProperties === undefined
			? {}
			: {
					additionalProperties:
						typeof additionalProperties === 'object'
							? orVariable(additionalProperties)
							: additionalProperties,
				}),
	};
	if (schema.type !== 'string' || BOUNDS_OF_TEXT.every((bound) => schema[bound] === undefined)) {
		return below;
	}
	const entries = Object.entries(below);
	return {
		...Object.fromEntries(entries.filter(([keyword]) => ANNOTATIONS.has(keyword))),
		anyOf: [
			Object.fromEntries(entries.filter(([keyword]) => !ANNOTATIONS.has(keyword))),
			{ $ref: '#/definitions/variable' },
		],
	};
}

function mapValues(
	schemas: Readonly<Record<string, JsonSchema>>,
	change: (schema: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> {
	return Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, change(one)]));
}

/** Draft 7 is what all editors know. */
function toJsonSchema(schema: z.ZodType): JsonSchema {
	const { $schema: _draft, ...written } = z.toJSONSchema(schema, {
		io: 'input',
		target: 'draft-7',
		unrepresentable: 'any',
		override({ zodSchema, jsonSchema }) {
			if (zodSchema === genericRulesSchema) {
				delete jsonSchema.propertyNames;
				Object.assign(jsonSchema, genericSchema());
			}
			if (zodSchema === wantedTypeSchema) jsonSchema.enum = EVENT_TYPES;
			if (ignoresCase(zodSchema)) delete jsonSchema.pattern;
			// Zod leaves these out where a value is converted, as they could be meant for the result.
			const { examples } = z.globalRegistry.get(zodSchema) ?? {};
			if (Array.isArray(examples)) jsonSchema.examples = examples;
			const { def } = zodSchema._zod;
			if ('defaultValue' in def && def.type === 'default') jsonSchema.default = def.defaultValue;
			if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
			if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
			// An object whose settings have defaults of their own.
			if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
		},
	});
	// Zod's type allows `false` for a schema, which it does not write for settings.
	return written as JsonSchema;
}

const EVENT_TYPES = [...Object.keys(RECEIVED_TYPES), ...Object.keys(OPERATIONAL_TYPES), ALL_TYPES];

/** JSON Schema has no flags: a pattern that ignores case would refuse what the runner takes. */
function ignoresCase(schema: z.core.$ZodType): boolean {
	const patterns: unknown = schema._zod.bag.patterns;
	return (
		patterns instanceof Set &&
		[...patterns].some((one) => one instanceof RegExp && one.flags.includes('i'))
	);
}

/** The rules of a provider that is not built in, under the names that config files use. */
function genericSchema(): JsonSchema {
	const { properties = {}, required = [] } = toJsonSchema(genericRules);
	const { fields = {} } = properties;
	const snake = (schemas: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> =>
		Object.fromEntries(Object.entries(schemas).map(([name, one]) => [toSnake(name), one]));
	const defaults = new Map(Object.entries(GENERIC_DEFAULTS));
	const withDefaults = Object.entries(properties).map(([name, one]): [string, JsonSchema] => [
		name,
		defaults.has(name) ? { ...one, default: defaults.get(name) } : one,
	]);
	return {
		type: 'object',
		properties: {
			...snake(Object.fromEntries(withDefaults)),
			fields: {
				...fields,
				properties: snake(fields.properties ?? {}),
				required: (fields.required ?? []).map(toSnake),
			},
		},
		required: required.filter((name) => !defaults.has(name)).map(toSnake),
		additionalProperties: false,
	};
}
