import { hostOf } from '../../transport/host-name.ts';
import { networkReason } from '../../words/index.ts';

/** Where n8n listens if nobody told it otherwise. */
export const USUAL_N8N = 'http://localhost:5678';

/** Longest wait for n8n's answer; milliseconds. Someone is waiting at the terminal. */
const LONGEST_ANSWER_MS = 5_000;

export type Address =
	{ readonly ok: true; readonly url: URL } | { readonly ok: false; readonly reason: string };

/** Reads an address that a person wrote. The reason for a refusal follows the name of what was given. */
export function readAddress(text: string, example: string): Address {
	const refuse = (reason: string): Address => ({ ok: false, reason });
	const written = text.trim();
	// `URL` drops line breaks and tabs silently.
	if (/[\s\p{Cc}]/u.test(written)) return refuse('must not hold spaces or control characters');
	const url = URL.parse(written);
	if (!url || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(written)) {
		return refuse(`must be an http or https URL, such as ${example}`);
	}
	if (url.username || url.password) return refuse('must not hold a user name or password');
	// A host of the URL standard may have quotes, commas and "$": a config, a compose file and a shell read more in them.
	if (!/^[\w.:-]+$/.test(hostOf(url))) {
		return refuse('must name a host of letters, digits, "-", "_" and "."');
	}
	if (url.search || url.hash) return refuse('must end before "?" and "#"');
	return { ok: true, url };
}

/** The reason why n8n does not answer there as n8n does, in words; undefined if it does. */
export async function whyNoN8n(url: URL): Promise<string | undefined> {
	const base = url.href.endsWith('/') ? url.href : `${url.href}/`;
	try {
		const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
		const response = await fetch(new URL('healthz', base), { signal, redirect: 'manual' });
		await response.body?.cancel();
		return response.ok ? undefined : `it answered ${response.status} to /healthz`;
	} catch (error) {
		if (Object(error).name === 'TimeoutError') {
			return `no answer came in ${LONGEST_ANSWER_MS / 1000} s`;
		}
		const { cause = error } = error instanceof Error ? error : {};
		return networkReason(cause) ?? (cause instanceof Error ? cause.message : 'it is not reached');
	}
}
