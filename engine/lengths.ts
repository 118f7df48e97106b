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
export function overlongIn(schema: z.core.$ZodType, value: unknown): Overlong | undefined {
	return typeof value === 'object' && value !== null ? checkOf(schema)?.(value) : undefined;
}

/** Finds what is too long in a list or object; its path starts there. */
type Check = (value: object) => Overlong | undefined;

/** Schemas are few and made once, so the check of each is made once as well; undefined where nothing can be too long. */
const checks = new WeakMap<z.core.$ZodType, Check | undefined>();

function checkOf(schema: z.core.$ZodType): Check | undefined {
	if (checks.has(schema)) return checks.get(schema);
	// Until it is made, for a schema that contains itself.
	checks.set(schema, (value) => checkOf(schema)?.(value));
	const check = createCheck(schema);
	checks.set(schema, check);
	return check;
}

function createCheck(schema: z.core.$ZodType): Check | undefined {
	if (schema instanceof z.ZodArray) return checkOfList(schema);
	if (schema instanceof z.ZodObject) return checkOfObject(schema);
	if (schema instanceof z.ZodRecord) return checkOfRecord(schema);
	if (schema instanceof z.ZodUnion) return checkOfUnion(schema);
	if (schema instanceof z.ZodPipe) return checkOf(schema.in);
	if (schema instanceof z.ZodLazy) return (value) => overlongIn(schema.unwrap(), value);
	const inner = unwrapped(schema);
	return inner && checkOf(inner);
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

function checkOfList(schema: z.ZodArray): Check | undefined {
	const limit = maxEntriesOf(schema) ?? Infinity;
	const checkElement = checkOf(schema.element);
	if (limit === Infinity && !checkElement) return undefined;
	return (value) => {
		if (!Array.isArray(value)) return undefined;
		if (value.length > limit) return { path: [], message: `must have at most ${limit} entries` };
		return checkElement && first(value.entries(), checkElement);
	};
}

function checkOfObject(schema: z.ZodObject): Check | undefined {
	const members = Object.entries(schema.shape).flatMap(([name, member]) => {
		const check = checkOf(member);
		return check ? [{ name, check }] : [];
	});
	const isStrict = schema.def.catchall instanceof z.ZodNever;
	const most = isStrict ? Object.keys(schema.shape).length + MOST_UNKNOWN : Infinity;
	if (members.length === 0 && !isStrict) return undefined;
	return (value) => {
		if (Array.isArray(value)) return undefined;
		if (isStrict && Object.keys(value).length > most) {
			return { path: [], message: `has more than ${MOST_UNKNOWN} fields that are not known` };
		}
		for (const { name, check } of members) {
			if (!Object.hasOwn(value, name)) continue;
			const found = within(name, Reflect.get(value, name), check);
			if (found) return found;
		}
		return undefined;
	};
}

function checkOfRecord(schema: z.ZodRecord): Check | undefined {
	const limit = maxEntriesOf(schema) ?? Infinity;
	const checkMember = checkOf(schema.valueType);
	if (limit === Infinity && !checkMember) return undefined;
	return (value) => {
		if (Array.isArray(value)) return undefined;
		const members = Object.entries(value);
		if (members.length > limit) return { path: [], message: tooManyMembers(limit) };
		return checkMember && first(members, checkMember);
	};
}

/** Too long only if it is too long for every option of the union that could take it. */
function checkOfUnion(schema: z.ZodUnion): Check | undefined {
	const options = schema.options.map((option) => ({ option, check: checkOf(option) }));
	if (options.every(({ check }) => check === undefined)) return undefined;
	return (value) => {
		const ways = options.filter(({ option }) => takes(option, value));
		const found = ways.map(({ check }) => check?.(value));
		return found.includes(undefined) ? undefined : found.at(0);
	};
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

function first(
	all: Iterable<readonly [name: string | number, value: unknown]>,
	check: Check,
): Overlong | undefined {
	for (const [name, value] of all) {
		const found = within(name, value, check);
		if (found) return found;
	}
	return undefined;
}

/** Checks a member or element, and puts its name before the path. */
function within(name: string | number, value: unknown, check: Check): Overlong | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const found = check(value);
	return found && { ...found, path: [name, ...found.path] };
}

const tooManyMembers = (limit: number): string => `must have at most ${limit} members`;
