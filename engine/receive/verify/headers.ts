import type { RawRequest } from './verification.ts';

/** A header that came once; one that came several times is never a signature. */
export function oneHeader({ headers }: RawRequest, name: string): string | undefined {
	const value = headers[name];
	return typeof value === 'string' ? value : undefined;
}
