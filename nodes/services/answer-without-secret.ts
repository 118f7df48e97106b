export const HIDDEN = '[hidden]';

/** A parsed answer with the secret hidden: a proxy may repeat it in any text and in any name of a member. */
export function answerWithoutSecret(answer: unknown, secret: string): unknown {
	const hide = (text: string): string => text.replaceAll(secret, HIDDEN);
	const clean = (value: unknown): unknown => {
		if (typeof value === 'string') return hide(value);
		if (Array.isArray(value)) return value.map(clean);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([name, one]) => [hide(name), clean(one)]));
	};
	return secret === '' ? answer : clean(answer);
}
