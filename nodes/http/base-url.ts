import { trimEndMatching } from '../../engine/trim-matching.ts';

/** A base URL as a credential holds it, ready for a path to follow; empty where the field is. */
export function withoutTrailingSlash(url: unknown): string {
	return typeof url === 'string' ? trimEndMatching(url.trim(), /\//) : '';
}
