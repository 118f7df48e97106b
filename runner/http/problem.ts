import { firstCharacters, overlongIn } from '@sureping/engine';
import type { z } from 'zod/v4';
import { mistakesOf } from '../words/index.ts';
import { STATUS_PHRASES } from './status-phrases.ts';
import type { ReadsBusy, StoreUnavailable } from '../store/contract/errors.ts';

export interface Mistake {
	readonly path: string;
	readonly message: string;
}

export type ProblemStatus = keyof typeof STATUS_PHRASES;

/** RFC 9457 §3.1, with every mistake of the request. */
export interface ProblemDocument {
	type: string;
	title: string;
	status: number;
	detail: string;
	/** The same as `detail`. */
	message: string;
	errors?: Mistake[];
	[extra: string]: unknown;
}

/** A problem document (RFC 9457). Thrown by routes and written by the error handler of the server. */
export class Problem extends Error {
	override readonly name = 'Problem';
	readonly status: ProblemStatus;
	readonly detail: string;
	readonly errors: readonly Mistake[];
	/** Members of the problem document beyond the RFC's own. */
	readonly extra: Readonly<Record<string, unknown>>;
	/** Headers of the answer; names in lower case. */
	readonly headers: Readonly<Record<string, string>>;

	constructor(
		status: ProblemStatus,
		detail: string,
		errors: readonly Mistake[] = [],
		extra: Readonly<Record<string, unknown>> = {},
		headers: Readonly<Record<string, string>> = {},
	) {
		super(detail);
		this.status = status;
		this.detail = detail;
		this.errors = errors;
		this.extra = extra;
		this.headers = headers;
	}

	/** The document, with at most `limit` of its mistakes. */
	toDocument(limit: number = MOST_MISTAKES): ProblemDocument {
		return {
			type: 'about:blank',
			title: STATUS_PHRASES[this.status],
			status: this.status,
			detail: this.detail,
			// For clients that only read `error`.
			message: this.detail,
			...(this.errors.length > 0 ? { errors: this.errors.slice(0, limit) } : {}),
			...this.extra,
		};
	}
}

/** A store that is unavailable for now: the request can be sent again. */
export function unavailable({ message, isUnknown }: StoreUnavailable): Problem {
	const detail = isUnknown
		? `${message}; the request may have been stored. Send it again later; with the same Idempotency-Key it is stored only once`
		: `${message}; nothing was stored. Send the request again later`;
	return new Problem(503, detail, [], {}, { 'retry-after': '5' });
}

/** Too many lists at once: this one can be requested again, and nothing else is affected. */
export function busy({ message }: ReadsBusy): Problem {
	return new Problem(503, message, [], {}, { 'retry-after': '5' });
}

/** A damaged row, which another request does not repair. */
export function damaged(): Problem {
	return new Problem(
		409,
		'The stored row is damaged and cannot be read. Its pending work is in GET /dead-letters; once the row is repaired, POST /dead-letters/{id}/retry requeues it. sureping doctor checks the whole database.',
		[],
		{ reason: 'damaged' },
	);
}

export const PROBLEM_TYPE = 'application/problem+json';

export function isProblemStatus(status: number): status is ProblemStatus {
	return Object.hasOwn(STATUS_PHRASES, status);
}

/** Most mistakes in an answer: more help no one, and a body of 1 MiB can hold half a million. */
export const MOST_MISTAKES = 100;
const LONGEST_PATH = 200;
const LONGEST_MESSAGE = 500;

/** A 422 that lists the mistakes; its detail has the first five. */
export function invalid(errors: readonly Mistake[]): Problem {
	const shown = errors.slice(0, MOST_MISTAKES).map(({ path, message }) => ({
		path: shorten(path, LONGEST_PATH),
		message: shorten(message, LONGEST_MESSAGE),
	}));
	const first = shown
		.slice(0, 5)
		.map(({ path, message }) => (path ? `${path} ${message}` : message))
		.join('; ');
	const more = errors.length - 5;
	return new Problem(422, more > 0 ? `${first}; and ${more} more` : first, shown);
}

/** Cuts text of a caller to `limit` characters. */
function shorten(text: string, limit: number): string {
	const start = firstCharacters(text, limit);
	return start.length < text.length ? `${start.toWellFormed()}…` : text;
}

/**
 * Parses a value by its schema, or throws a 422 that says what to change. `beyond` finds further mistakes in a value
 * that the schema refuses.
 */
export function check<T>(
	schema: z.ZodType<T>,
	value: unknown,
	beyond: () => readonly Mistake[] = () => [],
): T {
	const overlong = overlongIn(schema, value);
	if (overlong) throw invalid([{ ...overlong, path: overlong.path.join('.') }]);
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const mistakes = mistakesOf(parsed.error.issues, value);
	const written = mistakes.map(({ path, message }) => ({ path: path.join('.'), message }));
	throw invalid([...written, ...beyond()]);
}
