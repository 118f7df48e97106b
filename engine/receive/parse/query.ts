import type { RawRequest } from '../verify/verification.ts';

/** The parameters of a request's URL, which may be just a path; undefined when it is no URL. */
export function queryOf({ url }: RawRequest): URLSearchParams | undefined {
	try {
		return new URL(url, 'http://host.invalid').searchParams;
	} catch {
		return undefined;
	}
}
