import { tryToParseDateTime } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Problem } from '../../engine/dispatch/index.ts';
import { isObject } from '../../engine/receive/parse/json.ts';

/** n8n gives an empty string for a field that was added to a collection but not filled in. */
export const emptyAsAbsent = (value: unknown): unknown => (value === '' ? undefined : value);

export const optionalText = z.preprocess(emptyAsAbsent, z.string('must be text').optional());

/** Text that must not be empty. An expression may give a number. */
export const requiredText = z.preprocess(
	(value) => (typeof value === 'number' ? String(value) : value),
	z.string('must be text').trim().min(1, 'must not be empty'),
);

/** An object, or its JSON from an editor field. */
export function jsonObject(example: string): z.ZodType<Record<string, unknown>> {
	return z.preprocess(
		parsedJson,
		z
			.custom<Record<string, unknown>>(isObject, {
				error: `must be a JSON object, such as ${example}`,
			})
			// Copying such an object would set the prototype and lose the member. The runner refuses it too.
			.refine((value) => !Object.hasOwn(value, '__proto__'), 'must not have a member "__proto__"'),
	);
}

function parsedJson(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	try {
		const parsed: unknown = JSON.parse(value.trim() || '{}');
		return parsed;
	} catch {
		return value;
	}
}

/** The problems of parameters, each with its parameter's name. */
export function toProblems({ issues }: z.ZodError): Problem[] {
	return issues.map(({ path, message }) => ({
		path: path.filter((name) => name !== 'options').join('.'),
		message,
	}));
}

/** A time from n8n's date picker, which has no zone and is read in the workflow's; null when it cannot be read. */
export function isoTimeOf(value: unknown, zone: string): string | null | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	try {
		return tryToParseDateTime(value, zone).toUTC().toISO();
	} catch {
		return null;
	}
}
