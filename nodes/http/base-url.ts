import { trimEndMatching } from '../../engine/trim-matching.ts';

/** Trims a base URL and its trailing slashes; '' if the field is empty. */
export function withoutTrailingSlash(url: unknown): string {
	return typeof url === 'string' ? trimEndMatching(url.trim(), /\//) : '';
}
