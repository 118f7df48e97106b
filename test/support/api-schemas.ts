import type { Answer } from './runner-process.ts';

/** The API's description with every named schema in its place. */
export function withoutRefs(document: Answer['body']): Answer['body'] {
	const resolve = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(resolve);
		if (typeof value !== 'object' || value === null) return value;
		if ('$ref' in value && typeof value.$ref === 'string') {
			const names = value.$ref.split('/').slice(1);
			return resolve(names.reduce((found, name) => found[name], document));
		}
		return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, resolve(below)]));
	};
	return resolve(document);
}
