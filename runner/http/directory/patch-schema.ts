import { z } from 'zod/v4';

/** The fields of a PATCH: those that are left out stay, and null goes back to the default, or to none. */
export type Patch = Readonly<Record<string, unknown>>;

/**
 * The schema of a PATCH of an object. It has no defaults: they would change what the caller left out. The object that
 * comes of it is to be checked as a whole.
 */
export function patchSchema(shape: z.ZodRawShape): z.ZodType<Patch> {
	return z.strictObject(
		Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, optional(field)])),
	);
}

function optional(field: z.ZodRawShape[string]): z.ZodType {
	if (field instanceof z.ZodDefault || field instanceof z.ZodOptional) {
		const inner = z.nullable(field.unwrap()).optional();
		const { description, ...about } = field.meta() ?? {};
		if (description === undefined) return inner;
		return inner.meta({
			...about,
			description: `${description} \`null\` goes back to the default.`,
		});
	}
	return z.optional(field);
}

/** An object with the fields of a patch, to be checked. */
export function patched(before: object, patch: Patch): object {
	const merged = { ...before, ...patch };
	return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
