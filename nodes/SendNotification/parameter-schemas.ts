import { tryToParseDateTime } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Problem } from '../../engine/dispatch/index.ts';
import { isObject } from '../../engine/receive/parse/json.ts';

/** The value of a field that is there but empty. */
export const emptyAsAbsent = (value: unknown): unknown => (value === '' ? undefined : value);

export const optionalText = z.preprocess(emptyAsAbsent, z.string('must be text').optional());

/** Text that must be there; an expression may give a number. */
export const requiredText = z.preprocess(
	(value) => (typeof value === 'number' ? String(value) : value),
	z.string('must be text').trim().min(1, 'must not be empty'),
);

/** An object, or its JSON as an editor field holds it. */
export function jsonObject(example: string): z.ZodType<Record<string, unknown>> {
	return z.preprocess(
		parsedJson,
		z
			.custom<Record<string, unknown>>(isObject, {
				error: `must be a JSON object, such as ${example}`,
			})
			// A copy would make it the prototype and lose it; the runner refuses it as well.
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

/** The mistakes in parameters, each with the parameter's name. */
export function toProblems({ issues }: z.ZodError): Problem[] {
	return issues.map(({ path, message }) => ({
		path: path.filter((name) => name !== 'options').join('.'),
		message,
	}));
}

/** n8n's date picker gives a time without a zone, which is the workflow's; null when there is no reading it. */
export function isoTimeOf(value: unknown, zone: string): string | null | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	try {
		return tryToParseDateTime(value, zone).toUTC().toISO();
	} catch {
		return null;
	}
}
