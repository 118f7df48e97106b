import { z } from 'zod/v4';
import { nearest } from './nearest.ts';

/** A mistake and its place: the names on the way to it. */
export interface Mistake {
	readonly path: readonly PropertyKey[];
	readonly message: string;
	/** Set for a name that is not known: the known name that is probably meant. */
	readonly unknown?: { readonly meant: string | undefined };
}

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** Makes the messages of all schemas sentences that say what is needed. */
export function speakPlainly(): void {
	z.config({ localeError: sentence });
}

const NEEDED = 'is needed: ';
const MUST = 'must be ';

const NOUNS: Readonly<Record<string, string>> = {
	string: 'a string',
	number: 'a number',
	int: 'a whole number',
	boolean: 'true or false',
	array: 'a list',
	object: 'an object',
	record: 'an object',
	null: 'null',
};

function sentence(issue: RawIssue): string {
	switch (issue.code) {
		case 'invalid_type':
			return wrongType(String(issue.expected), issue.input);
		case 'invalid_value':
			return wrongValue(issue.values, issue.input);
		case 'too_small':
			return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive !== false);
		case 'too_big':
			return tooBig(issue.origin, Number(issue.maximum), issue.inclusive !== false);
		case 'invalid_format':
			return wrongFormat(issue);
		case 'not_multiple_of':
			return `${MUST}a multiple of ${issue.divisor}`;
		case 'unrecognized_keys':
			return unknownFields(issue.keys, issue.inst);
		case 'invalid_key':
			return 'has an invalid name';
		default:
			return 'has an invalid value';
	}
}

function wrongType(expected: string, input: unknown): string {
	const noun = NOUNS[expected] ?? `a ${expected}`;
	if (input === undefined) return NEEDED + noun;
	const given = nounOf(input);
	if (given === noun) {
		// A record refuses only objects that are not plain: those with a `constructor` of their own.
		return expected === 'record'
			? 'must not have a member with the name "constructor"'
			: `${MUST}${noun} that is finite`;
	}
	const quotes = expected === 'string' && /^(a number|true or false)$/.test(given);
	return `${MUST}${noun}, not ${given}${quotes ? '; put it in quotes' : ''}`;
}

function nounOf(input: unknown): string {
	if (input === null) return 'null';
	if (Array.isArray(input)) return 'a list';
	if (typeof input === 'number' && Number.isNaN(input)) return 'NaN';
	return NOUNS[typeof input] ?? `a ${typeof input}`;
}

function wrongValue(values: readonly unknown[], input: unknown): string {
	const words = values.map(String);
	const list =
		words.length === 1
			? `${MUST}${words[0]}`
			: `${input === undefined ? NEEDED : MUST}one of ${words.join(', ')}`;
	const meant = typeof input === 'string' ? nearest(input, words) : undefined;
	return meant === undefined ? list : `${list}; did you mean "${meant}"?`;
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'entry' };

function counted(origin: string, count: number): string {
	const unit = UNITS[origin] ?? 'member';
	return `${count} ${count === 1 ? unit : unit.replace(/y$/, 'ie') + 's'}`;
}

const isNumber = (origin: string): boolean => ['number', 'int', 'bigint'].includes(origin);

function tooSmall(origin: string, minimum: number, inclusive: boolean): string {
	if (isNumber(origin)) return `${MUST}${inclusive ? 'at least' : 'more than'} ${minimum}`;
	if (origin === 'string' && minimum === 1) return 'must not be empty';
	return `must have at least ${counted(origin, minimum)}`;
}

function tooBig(origin: string, maximum: number, inclusive: boolean): string {
	if (isNumber(origin)) return `${MUST}${inclusive ? 'at most' : 'less than'} ${maximum}`;
	return `must have at most ${counted(origin, maximum)}`;
}

const FORMATS: Readonly<Record<string, string>> = {
	url: 'an absolute URL, such as https://example.com/path',
	datetime: 'a time, such as 2026-01-31T12:00:00Z',
	date: 'a day, such as 2026-01-31',
	email: 'an e-mail address',
	ipv4: 'an IPv4 address',
	ipv6: 'an IPv6 address',
};

function wrongFormat(issue: Extract<RawIssue, { code: 'invalid_format' }>): string {
	if ('includes' in issue && typeof issue.includes === 'string') {
		return `must contain "${issue.includes}"`;
	}
	if ('prefix' in issue && typeof issue.prefix === 'string') {
		return `must start with "${issue.prefix}"`;
	}
	const form = FORMATS[issue.format];
	return form === undefined ? 'has an invalid format' : MUST + form;
}

/** The suggestions for unknown names, by the list of the names: zod's issues do not say which schema found them. */
const MEANT = new WeakMap<readonly string[], readonly (string | undefined)[]>();

function unknownFields(keys: readonly string[], schema: unknown): string {
	const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
	const meant = keys.map((key) => nearest(key, known));
	MEANT.set(keys, meant);
	return meant.map((one) => unknownField([], one).message).join('\n');
}

/** The mistake of a name that is not known, with the one that is probably meant. */
export function unknownField(path: Mistake['path'], meant: string | undefined): Mistake {
	const suggestion = meant === undefined ? '' : `; did you mean "${meant}"?`;
	return { path, message: `is not a known field${suggestion}`, unknown: { meant } };
}

/** The value at a path; undefined if there is none. */
export function valueAt(input: unknown, path: Mistake['path']): unknown {
	return path.reduce<unknown>((found, name) => {
		return typeof found === 'object' && found !== null && Object.hasOwn(found, name)
			? Reflect.get(found, name)
			: undefined;
	}, input);
}

/** Says of a missing value that it is needed, whatever its schema says of a wrong one. */
function orMissing(mistake: Mistake, input: unknown): Mistake {
	const { path, message } = mistake;
	const isMissing = valueAt(input, path) === undefined && message.startsWith(MUST);
	return isMissing ? { ...mistake, message: NEEDED + message.slice(MUST.length) } : mistake;
}

/**
 * Splits issues into single mistakes: every unknown field has its own path, and of a setting with several forms only
 * the form that was tried is judged.
 */
export function mistakesOf(issues: readonly Issue[], input: unknown): readonly Mistake[] {
	return split(issues).map((mistake) => orMissing(mistake, input));
}

function split(issues: readonly Issue[]): readonly Mistake[] {
	return issues.flatMap((issue) => {
		if (issue.code === 'unrecognized_keys') {
			const messages = issue.message.split('\n');
			return issue.keys.map((key, i) => ({
				path: [...issue.path, key],
				message: messages[i] ?? issue.message,
				unknown: { meant: MEANT.get(issue.keys)?.[i] },
			}));
		}
		if (issue.code === 'invalid_union' && issue.errors.length > 0) return inUnion(issue);
		return [{ path: issue.path, message: issue.message }];
	});
}

function inUnion(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Mistake[] {
	const below = (mistake: Mistake): Mistake => ({
		...mistake,
		path: [...issue.path, ...mistake.path],
	});
	const tried = issue.errors
		.filter((errors) => !errors.some(isOtherWay))
		.map(split)
		.sort((a, b) => a.length - b.length);
	if (tried[0]) return tried[0].map(below);
	const messages = issue.errors.flatMap((errors) => split(errors.filter(isOtherWay)));
	return [{ path: issue.path, message: either([...new Set(messages.map((one) => one.message))]) }];
}

/** True if the value has not the type of this form. */
const isOtherWay = ({ code, path }: Issue): boolean =>
	path.length === 0 && ['invalid_type', 'invalid_value', 'invalid_union'].includes(code);

/** `must be a string or a list, not a number`. */
function either(messages: readonly string[]): string {
	for (const start of [NEEDED, MUST]) {
		if (!messages.every((message) => message.startsWith(start))) continue;
		const ways = messages.map((message) => message.slice(start.length).split(/, not |; /));
		const [, given] = ways.find(([, given]) => given !== undefined) ?? [];
		const nouns = [...new Set(ways.flatMap(([noun]) => noun ?? []))].join(' or ');
		return `${start}${nouns}${start === MUST && given !== undefined ? `, not ${given}` : ''}`;
	}
	return messages.join('; or ');
}

speakPlainly();
