import { z } from 'zod/v4';
import { jsonObjectSchema } from '../../json-object.ts';

/**
 * Facts that a payload may have. One that is missing, null, empty or of another form counts as absent, so that a
 * genuine event is not lost because of it.
 */
export const fact = <Schema extends z.ZodType>(schema: Schema) =>
	schema.optional().catch(undefined);

/** Numbers are taken as well: whether an id is written with quotes differs between senders. */
const word = z.union([z.string().min(1), z.number().transform(String)]);
export const text = fact(word);
/** Also as digits in a text, as some vendors write it. */
export const number = fact(
	z.union([
		z.number(),
		z
			.string()
			.regex(/^-?\d{1,15}(?:\.\d{1,9})?$/)
			.transform(Number),
	]),
);
export const flag = fact(z.boolean());
export const list = fact(z.array(z.unknown()));
export const object = fact(jsonObjectSchema);
export const part = <Shape extends z.ZodRawShape>(shape: Shape) => fact(z.looseObject(shape));

/** The type of an event, which cannot be read without it. */
export const kind = z.string().min(1);

/** A code and a message, either of which may be missing. */
export const failure = fact(
	z
		.looseObject({ code: text, message: text })
		.transform(({ code, message }) =>
			code === undefined && message === undefined
				? undefined
				: { code: code ?? 'UNKNOWN', message: message ?? code ?? 'UNKNOWN' },
		),
);
