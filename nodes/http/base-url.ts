import { trimEndMatching } from '../../engine/trim-matching.ts';

/** A credential's base URL, ready for a path to follow; empty if the field is. */
export function withoutTrailingSlash(url: unknown): string {
	return typeof url === 'string' ? trimEndMatching(url.trim(), /\//) : '';
}
