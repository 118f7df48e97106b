import type { RawRequest } from './verification.ts';

/** A header that came once; a list, where it came more often, is nobody's signature. */
export function oneHeader({ headers }: RawRequest, name: string): string | undefined {
	const value = headers[name];
	return typeof value === 'string' ? value : undefined;
}
