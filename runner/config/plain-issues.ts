import type { z } from 'zod/v4';

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

/**
 * What is wrong where, also inside a setting that may be written in more than one way: of these the one that was tried is
 * explained. Zod says "Invalid input" of the whole setting.
 */
export function plainIssues(issues: readonly Issue[]): readonly Issue[] {
	return issues.flatMap((issue) =>
		issue.code === 'invalid_union' && issue.errors.length > 0 ? inUnion(issue) : [issue],
	);
}

function inUnion(issue: UnionIssue): readonly Issue[] {
	const ways = issue.errors.map((errors) => plainIssues(errors));
	const [tried] = ways.filter((errors) => !errors.some(isOtherWay)).sort(byCount);
	if (tried) return tried.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
	const messages = new Set(ways.flat().map(({ message }) => message.replace(PREFIX, '')));
	return [{ ...issue, message: `Invalid input: ${[...messages].join('; or ')}` }];
}

const PREFIX = /^Invalid input: /;

/** The value is not of the kind that this way takes. */
const isOtherWay = ({ code, path }: Issue): boolean =>
	path.length === 0 && ['invalid_type', 'invalid_value', 'invalid_union'].includes(code);

const byCount = (a: readonly Issue[], b: readonly Issue[]): number => a.length - b.length;
