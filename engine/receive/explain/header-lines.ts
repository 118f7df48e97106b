import type { RawRequest } from '../verify/verification.ts';

export interface HeaderLine {
	readonly name: string;
	readonly value: string;
}

const all = ({ headers }: RawRequest): HeaderLine[] =>
	Object.entries(headers).flatMap(([name, value]) =>
		[value ?? []].flat().map((one) => ({ name, value: one })),
	);

/** Headers that may hold the signature under another name. */
export function signatureLike(request: RawRequest): readonly HeaderLine[] {
	return all(request).filter(({ name }) => /sign|hmac|digest|sha256/.test(name));
}

/** Headers that may hold the timestamp under another name. */
export function timestampLike(request: RawRequest): readonly HeaderLine[] {
	return all(request).filter(({ name }) => /timestamp|(^|-)time$|^date$/.test(name));
}
