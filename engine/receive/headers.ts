import type { RawRequest } from './received.ts';

/** A header that came once; a list, where it came more often, is nobody's signature. */
export function oneHeader({ headers }: RawRequest, name: string): string | undefined {
	const value = headers[name];
	return typeof value === 'string' ? value : undefined;
}

/** The media type without its parameters, in lower case; undefined when none is given. */
export function mediaType(request: RawRequest): string | undefined {
	const value = [request.headers['content-type'] ?? []].flat().at(0);
	return value?.split(';', 1)[0]?.trim().toLowerCase();
}

/** Whether a body is what its sender says it is. What says nothing may be anything. */
export function isJsonType(request: RawRequest): boolean {
	const type = mediaType(request);
	return type === undefined || type === 'application/json' || type.endsWith('+json');
}

export function isFormType(request: RawRequest): boolean {
	return mediaType(request) === 'application/x-www-form-urlencoded';
}
