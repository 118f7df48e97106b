import type { RawRequest } from './verification.ts';

/** A token in the URL that a provider was given to call; `place` tells whether it was meant as one. */
export interface UrlToken {
	readonly value: string;
	/** The last segment of a path may be just a path. */
	readonly place: 'query' | 'path';
}

/**
 * The secret of a provider that neither signs its requests nor sends a header of our choice: `?token=…`, else the last
 * segment of the path. Undefined when there is none, or more than one in the query.
 */
export function urlToken({ url }: RawRequest): UrlToken | undefined {
	const { pathname, searchParams } = parsed(url) ?? {};
	const inQuery = searchParams?.getAll('token') ?? [];
	if (inQuery.length > 0) {
		const [value = '', ...others] = inQuery;
		return value === '' || others.length > 0 ? undefined : { value, place: 'query' };
	}
	const value = decoded(pathname?.slice(pathname.lastIndexOf('/') + 1) ?? '');
	return value ? { value, place: 'path' } : undefined;
}

function parsed(url: string): URL | undefined {
	try {
		// A path will do for a host that does not know its own origin.
		return new URL(url, 'http://host.invalid');
	} catch {
		return undefined;
	}
}

function decoded(segment: string): string | undefined {
	try {
		return decodeURIComponent(segment);
	} catch {
		return undefined;
	}
}
