import { z } from 'zod/v4';

/** A list or an object that is longer than its schema allows, and where. */
export interface Overlong {
	readonly path: readonly (string | number)[];
	readonly message: string;
}

/** Unknown names that are reported one by one; with more, the object is refused as a whole. */
const MOST_UNKNOWN = 20;

/** An object with free keys, at most `limit` of them. */
export function atMostMembers<T extends z.ZodType<Record<string, unknown>>>(
	limit: number,
	schema: T,
): T {
	return withMaxMembers(
		limit,
		schema.refine((value) => Object.keys(value).length <= limit, tooManyMembers(limit)),
	);
}

/** Records the limit as metadata only, for `overlongIn` and the API description; the schema must enforce it. */
export function withMaxMembers<T extends z.ZodType<Record<string, unknown>>>(
	limit: number,
	schema: T,
): T {
	return schema.meta({ maxProperties: limit });
}

/**
 * The first list or object of `value` that is longer than its schema allows. Zod would check each element
 * first and make an issue of each wrong one, so this runs before it: a list of half a million is refused at once.
 */
export function overlongIn(
	schema: z.core.$ZodType,
	value: unknown,
	path: Overlong['path'] = [],
): Overlong | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	if (schema instanceof z.ZodArray) return inList(schema, value, path);
	if (schema instanceof z.ZodObject) return inObject(schema, value, path);
	if (schema instanceof z.ZodRecord) return inRecord(schema, value, path);
	if (schema instanceof z.ZodUnion) return inUnion(schema, value, path);
	if (schema instanceof z.ZodPipe) return overlongIn(schema.in, value, path);
	if (schema instanceof z.ZodLazy) return overlongIn(schema.unwrap(), value, path);
	const inner = unwrapped(schema);
	return inner && overlongIn(inner, value, path);
}

/** The most entries that a schema allows in a list or object; undefined where it sets no limit or describes neither. */
export function maxEntriesOf(schema: z.core.$ZodType): number | undefined {
	const limit =
		schema instanceof z.ZodRecord
			? z.globalRegistry.get(schema)?.maxProperties
			: schema instanceof z.ZodArray
				? schema._zod.bag.maximum
				: undefined;
	return typeof limit === 'number' ? limit : undefined;
}

/** The inner schema of a wrapper such as `nullable()`; undefined for any other schema. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType | undefined {
	return schema instanceof z.ZodOptional ||
		schema instanceof z.ZodNullable ||
		schema instanceof z.ZodDefault ||
		schema instanceof z.ZodPrefault ||
		schema instanceof z.ZodNonOptional ||
		schema instanceof z.ZodReadonly ||
		schema instanceof z.ZodCatch
		? schema.def.innerType
		: undefined;
}

function inList(schema: z.ZodArray, value: object, path: Overlong['path']): Overlong | undefined {
	if (!Array.isArray(value)) return undefined;
	const limit = maxEntriesOf(schema) ?? Infinity;
	if (value.length > limit) return { path, message: `must have at most ${limit} entries` };
	return first(value.entries(), ([i, one]) => overlongIn(schema.element, one, [...path, i]));
}

function inObject(
	schema: z.ZodObject,
	value: object,
	path: Overlong['path'],
): Overlong | undefined {
	if (Array.isArray(value)) return undefined;
	const { shape } = schema;
	const known = Object.keys(shape);
	const isStrict = schema.def.catchall instanceof z.ZodNever;
	if (isStrict && Object.keys(value).length > known.length + MOST_UNKNOWN) {
		return { path, message: `has more than ${MOST_UNKNOWN} fields that are not known` };
	}
	const members = Object.entries(shape).filter(([name]) => Object.hasOwn(value, name));
	return first(members, ([name, member]) =>
		overlongIn(member, Reflect.get(value, name), [...path, name]),
	);
}

function inRecord(
	schema: z.ZodRecord,
	value: object,
	path: Overlong['path'],
): Overlong | undefined {
	if (Array.isArray(value)) return undefined;
	const members = Object.entries(value);
	const limit = maxEntriesOf(schema) ?? Infinity;
	if (members.length > limit) return { path, message: tooManyMembers(limit) };
	return first(members, ([name, member]) => overlongIn(schema.valueType, member, [...path, name]));
}

/** Too long only if it is too long for every option of the union that could take it. */
function inUnion(schema: z.ZodUnion, value: object, path: Overlong['path']): Overlong | undefined {
	const ways = schema.options.filter((option) => takes(option, value));
	const found = ways.map((option) => overlongIn(option, value, path));
	return found.includes(undefined) ? undefined : found.at(0);
}

/** True when a schema is for lists and the value is one, or both are objects. */
function takes(schema: z.core.$ZodType, value: object): boolean {
	if (schema instanceof z.ZodArray) return Array.isArray(value);
	if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return !Array.isArray(value);
	if (schema instanceof z.ZodUnion) return schema.options.some((option) => takes(option, value));
	if (schema instanceof z.ZodPipe) return takes(schema.in, value);
	if (schema instanceof z.ZodLazy) return takes(schema.unwrap(), value);
	const inner = unwrapped(schema);
	return inner !== undefined && takes(inner, value);
}

function first<T>(all: Iterable<T>, find: (one: T) => Overlong | undefined): Overlong | undefined {
	for (const one of all) {
		const found = find(one);
		if (found) return found;
	}
	return undefined;
}

const tooManyMembers = (limit: number): string => `must have at most ${limit} members`;
