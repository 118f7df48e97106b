import { z } from 'zod/v4';
import { trimEndMatching } from '../trim-matching.ts';

const DESCRIPTION =
	"Server to send to in place of the vendor's, such as a proxy or a stand-in for tests.";

/** The setting `base_url` of a service whose vendor has one server. */
export const baseUrl = z
	.url()
	.meta({ description: DESCRIPTION, examples: ['http://127.0.0.1:9000'] });

/** The setting `base_url` of a service whose server depends on its other settings. */
export const optionalBaseUrl = baseUrl
	.optional()
	.describe(`${DESCRIPTION} Default: the vendor's server.`);

/** Moves a URL to another server, for a proxy or a stand-in for tests. */
export function moveToServer(url: string, base: string | undefined): string {
	if (base === undefined) return url;
	const { pathname, search } = new URL(url);
	return urlBelow(base, pathname + search);
}

/** A path below a base URL, which may end with a slash or not. */
export function urlBelow(base: string, path: string): string {
	return trimEndMatching(base, /\//) + path;
}
