const VERBS: Readonly<Record<string, string>> = {
	get: 'get',
	post: 'create',
	put: 'replace',
	patch: 'change',
	delete: 'remove',
};

/** The name of a call, such as `listEndpoints`, `createEndpoint`, `getEndpoint`, `rotateSecretOfEndpoint`, `send`. */
export function operationId(method: string, path: string): string {
	const parts = path.split('/').filter((part) => part !== '');
	const [first = 'root', ...more] = parts.filter((part) => !part.startsWith('{'));
	const isOne = path.includes('{');
	const isCollection = isPlural(first);
	const verb = method === 'get' && !isOne && isCollection ? 'list' : (VERBS[method] ?? method);
	if (first === 'inbound') return `${method === 'get' ? 'confirm' : 'take'}Report`;
	if (!isOne) {
		// Not of a collection: `send`, `sendBatch`.
		if (!isCollection) return camel([...(method === 'get' ? ['get'] : []), first, ...more]);
		// Of those in a collection that a body names: `acknowledgeIncidents`.
		if (method === 'post' && more.length > 0) return camel([...more, first]);
		return camel([verb, verb === 'create' ? singular(first) : first, ...more]);
	}
	if (more.length === 0) return camel([verb, singular(first)]);
	// Something new inside of it: `createOverrideOfOnCall`.
	if (method === 'post' && more.every(isPlural)) {
		return camel([verb, ...more.map(singular), 'of', singular(first)]);
	}
	return camel([...(method === 'get' ? ['get'] : []), ...more, singular(first)]);
}

/** Words for several that have no `s` at their end. */
const PLURALS = new Set(['on-call']);

const isPlural = (word: string): boolean => word.endsWith('s') || PLURALS.has(word);

const singular = (word: string): string =>
	word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '');

const camel = (words: readonly string[]): string =>
	words
		.flatMap((word) => word.split('-'))
		.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
		.join('');
