import type { JsonSchema } from './config-schema.ts';

/** One setting, as the example file and the docs page show it. */
export interface Setting {
	readonly name: string;
	/** Ends with a full stop; without the sentence about the default. */
	readonly description: string;
	/** Accepted values, with their unit and bounds. */
	readonly values: string;
	readonly isRequired: boolean;
	/** Undefined where no value expresses the default; `defaultText` has it in words then. */
	readonly default: unknown;
	readonly defaultText: string | undefined;
	readonly example: unknown;
	readonly isList: boolean;
	/** The settings within it; of a list, those of each entry. */
	readonly settings: readonly Setting[];
}

/** The settings of an object. `inherited` is the default of the whole object, if it has one. */
export function settingsOf(schema: JsonSchema, inherited?: unknown): readonly Setting[] {
	const { properties = {}, required = [] } = objectOf(schema);
	const defaults = new Map(Object.entries(Object(inherited) as object));
	return Object.entries(properties).map(([name, one]) =>
		toSetting(name, one, required.includes(name), defaults.get(name)),
	);
}

function toSetting(
	name: string,
	schema: JsonSchema,
	isRequired: boolean,
	inherited: unknown,
): Setting {
	const { description = '', examples = [], items } = schema;
	const [text = '', ending] = description.split(' Default: ', 2);
	const defaultText = ending?.slice(0, -1);
	const own = schema.default ?? inherited;
	const isList = items?.properties !== undefined;
	return {
		name,
		description: text,
		values: valuesOf(name, schema),
		isRequired: isRequired && own === undefined,
		default: own,
		defaultText: own === undefined ? defaultText : undefined,
		example: examples[0],
		isList,
		settings: settingsOf(isList ? items : schema, own),
	};
}

/** The object that a setting is or may be: some may also be `false`, or a string. */
function objectOf(schema: JsonSchema): JsonSchema {
	return [schema, ...(schema.anyOf ?? [])].find((one) => one.properties) ?? {};
}

const UNITS: readonly (readonly [suffix: RegExp, unit: string])[] = [
	[/(?<!^per)_s$/, 'seconds'],
	[/_ms$/, 'milliseconds'],
	[/_mb$/, 'MiB'],
];

const KINDS: Readonly<Record<string, string>> = {
	string: 'text',
	number: 'number',
	integer: 'whole number',
	boolean: '`true`, `false`',
	object: 'object',
	array: 'list',
	null: '`null`',
};

/** Longer lists of values have a page of their own. */
const MOST_VALUES = 8;

/** `seconds, 0.1 to 86,400`; the unit is the last part of a setting's name. */
function valuesOf(name: string, schema: JsonSchema): string {
	if (schema.anyOf) {
		const ways = schema.anyOf.map((one) => valuesOf(name, one));
		return [...new Set(ways)].join(', or ');
	}
	if (schema.enum && schema.enum.length <= MOST_VALUES)
		return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
	if (schema.const !== undefined) return `\`${String(schema.const)}\``;
	if (schema.type === 'array' && schema.items?.type !== undefined && !schema.items.properties) {
		return `list of ${valuesOf(name, schema.items)}`;
	}
	if (schema.format === 'uri') return 'URL';
	const unit = UNITS.find(([suffix]) => suffix.test(name))?.[1];
	const isNumber = schema.type === 'number' || schema.type === 'integer';
	const kind = (isNumber && unit) || (KINDS[schema.type ?? ''] ?? 'any');
	const bounds = isNumber ? boundsOf(schema) : '';
	return bounds === '' ? kind : `${kind}, ${bounds}`;
}

function boundsOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
	const least =
		exclusiveMinimum !== undefined
			? `more than ${shown(exclusiveMinimum)}`
			: minimum !== undefined
				? shown(minimum)
				: undefined;
	if (least === undefined) return maximum === undefined ? '' : `at most ${shown(maximum)}`;
	if (maximum === undefined) return exclusiveMinimum === undefined ? `${least} or more` : least;
	return exclusiveMinimum === undefined
		? `${least} to ${shown(maximum)}`
		: `${least}, at most ${shown(maximum)}`;
}

const shown = (value: number): string => value.toLocaleString('en-US');
