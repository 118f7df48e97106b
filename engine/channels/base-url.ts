import { strippedEnd } from '../trim-matching.ts';

/** The same path on another server: for a proxy, or for a test's stand-in. */
export function rebase(url: string, base: string | undefined): string {
	if (base === undefined) return url;
	const { pathname, search } = new URL(url);
	return under(base, pathname + search);
}

/** A path below a base URL, which may end with a slash or not. */
export function under(base: string, path: string): string {
	return strippedEnd(base, /\//) + path;
}
