import type { Clock, HttpClient } from '@sureping/engine';

/** The certificate (PEM) at a URL; undefined when there is none. */
export type CertificateSource = (url: string) => Promise<string | undefined>;

/** Amazon rotates its certificates about once a year and changes their URL then. */
const KEPT_MS = 24 * 3600 * 1000;
/** Time that a failure is remembered, so that forged requests do not cause a fetch each; milliseconds. */
const FAILURE_KEPT_MS = 60_000;
const MOST_KEPT = 64;
const MOST_AT_ONCE = 8;
const TIMEOUT_MS = 5_000;

/** Fetches certificates from URLs that the engine found to be a provider's own, and keeps them for a day. */
export function createCertificates(http: HttpClient, clock: Clock): CertificateSource {
	const kept = new Map<string, { readonly until: number; readonly pem: string | undefined }>();
	const underWay = new Map<string, Promise<string | undefined>>();

	const fetchOne = async (url: string): Promise<string | undefined> => {
		const pem = await fetchPem(http, url);
		const until = clock.now() + (pem === undefined ? FAILURE_KEPT_MS : KEPT_MS);
		kept.delete(url);
		kept.set(url, { until, pem });
		forgetOldest(kept);
		return pem;
	};
	return async (url) => {
		const known = kept.get(url);
		if (known && known.until > clock.now()) return known.pem;
		const running = underWay.get(url);
		if (running) return await running;
		if (underWay.size >= MOST_AT_ONCE) return undefined;
		const fetching = fetchOne(url).finally(() => underWay.delete(url));
		underWay.set(url, fetching);
		return await fetching;
	};
}

async function fetchPem(http: HttpClient, url: string): Promise<string | undefined> {
	if (!url.startsWith('https://')) return undefined;
	const reply = await http({ method: 'GET', url, headers: {}, timeoutMs: TIMEOUT_MS });
	if ('failure' in reply || reply.status !== 200) return undefined;
	return reply.body.includes('-----BEGIN CERTIFICATE-----') ? reply.body : undefined;
}

/** Forgets failures first, so that they do not crowd out certificates in use. */
function forgetOldest(kept: Map<string, { readonly pem: string | undefined }>): void {
	if (kept.size <= MOST_KEPT) return;
	const urls = [...kept.keys()];
	const first = urls.find((url) => kept.get(url)?.pem === undefined) ?? urls[0];
	if (first !== undefined) kept.delete(first);
}
