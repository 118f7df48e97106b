import { genericRules, type GenericRules, refuseGenericRules } from '@sureping/engine';
import { z } from 'zod/v4';
import { mistakesOf, unknownField } from '../../words/index.ts';

/** The hex HMAC-SHA256 of the body, as most senders sign. */
export const GENERIC_DEFAULTS = {
	algorithm: 'sha256',
	encoding: 'hex',
	signedContent: '{body}',
	secretEncoding: 'utf8',
	types: {},
};

/** The engine's rules for a provider that is not built in, with the names that config files use. */
export const genericRulesSchema = z
	.record(z.string(), z.unknown())
	.transform((written, context): GenericRules => {
		const complain = (path: readonly PropertyKey[], message: string): void => {
			const names = path.map((name) => (typeof name === 'string' ? toSnake(name) : name));
			const words = message.replace(NAMES, toSnake);
			context.addIssue({ code: 'custom', path: names, message: words });
		};
		for (const [path, value] of [
			[[], written],
			[['fields'], written.fields],
		] as const) {
			const wrong = Object.keys(Object(value)).filter((name) => /[A-Z]/.test(name));
			for (const name of wrong) complain([...path, name], 'is written with capitals');
		}
		const { fields, ...rest } = written;
		const rules = {
			...GENERIC_DEFAULTS,
			...toCamelNames(rest),
			fields: typeof fields === 'object' && fields !== null ? toCamelNames(fields) : fields,
		};
		const parsed = genericRules.safeParse(rules);
		if (!parsed.success) {
			for (const { path, message, unknown } of mistakesOf(parsed.error.issues, rules)) {
				const { meant } = unknown ?? {};
				complain(path, meant === undefined ? message : unknownField([], toSnake(meant)).message);
			}
			return z.NEVER;
		}
		const refusal = refuseGenericRules(parsed.data);
		if (refusal === undefined) return parsed.data;
		const [, name = '', message = refusal] = /^(types\.[^"]+|[\w.]+): (.*)$/s.exec(refusal) ?? [];
		complain(name === '' ? [] : [name], message);
		return z.NEVER;
	});

/** Names of rules in the engine's messages, which config files write with underscores. */
const NAMES =
	/\b(?:signature|timestamp|id)Header\b|\b(?:signature|timestamp)Part\b|\bsignedContent\b|\bsecretEncoding\b/g;

function toCamelNames(written: object): Record<string, unknown> {
	const entries = Object.entries(written).map(([name, member]): [string, unknown] => [
		name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
		member,
	]);
	return Object.fromEntries(entries);
}

export function toSnake(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
